//! Which pages are requested: patterns, sitemaps, shards; and what is noted of them.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::time::Duration;

use async_scrape::crawl::frontier::Frontier;
use async_scrape::crawl::frontier::Limits;
use timing::limit::InTime;
use tokio::time::Instant;

use crate::heads::{answers, bytes};
use crate::{ended, files, scrape, tree, url};

fn page(kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {kind}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

const MISSING: &[u8] = b"HTTP/1.1 404 No\r\nConnection: close\r\n\r\n";

#[test]
fn patterns_decide_which_links_are_followed() {
    let (server, asked) = bytes(|path| match path {
        "/robots.txt" => MISSING.to_vec(),
        "/" => page(
            "text/html",
            b"<a href=/a/1>x</a><a href=/a/2.zip>x</a><a href=/b>x</a><a href=/a/r>x</a>",
        ),
        "/a/r" => b"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /b\r\n\r\n".to_vec(),
        _ => page("text/plain", b"x"),
    });
    let folder = tempfile::tempdir().unwrap();
    let from = format!("{server}/");
    let arguments = ["--url", &from, "--include", "/a/", "--exclude", "*.zip$"];
    ended(scrape(&arguments, folder.path()).output_in_time(), 0);
    let asked: BTreeSet<String> = asked
        .lock()
        .unwrap()
        .iter()
        .map(|head| path(head))
        .collect();
    let expected = ["/", "/a/1", "/a/r", "/robots.txt"];
    assert_eq!(asked, expected.map(str::to_owned).into());
    let wrong = ["--url", &from, "--include", "a"];
    let (_, err) = ended(scrape(&wrong, folder.path()).output_in_time(), 2);
    assert!(err.contains("begins with / or *"), "{err}");
}

fn path(head: &str) -> String {
    head.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn sitemaps_are_read_wherever_they_are_named() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let packed = b"<?xml version='1.0'?><urlset><url><loc>/deep/packed</loc></url></urlset>";
    encoder.write_all(packed).unwrap();
    let packed = encoder.finish().unwrap();
    let site = move |sitemap: bool| {
        let packed = packed.clone();
        bytes(move |path| {
            match path {
            "/robots.txt" => page("text/plain", b"User-agent: *\nDisallow: /no\nSitemap: /s/index.xml\n"),
            "/s/index.xml" => page(
                "text/xml",
                b"<sitemapindex xmlns='x'><sitemap><loc> /s/1.xml.gz </loc></sitemap></sitemapindex>",
            ),
            "/s/1.xml.gz" => page("application/x-gzip", &packed),
            "/sitemap.xml" if sitemap => page(
                "application/xml; charset=utf-8",
                b"<urlset xmlns:i='y'><url><loc><![CDATA[/deep/a?b&c]]></loc><loc>/d&amp;e</loc>\
                  <i:image><i:loc>/pic</i:loc></i:image></url><url><loc>/no</loc></url></urlset>",
            ),
            "/sitemap.xml" => MISSING.to_vec(),
            _ => page("text/html", b"<a href=/linked>x</a>"),
        }
        })
    };
    for (there, pages) in [
        (
            true,
            &["/", "/d&e", "/deep/a?b&c", "/deep/packed", "/pic"][..],
        ),
        // No sitemap at the usual place is no failure.
        (false, &["/", "/deep/packed"]),
    ] {
        let (server, asked) = site(there);
        let folder = tempfile::tempdir().unwrap();
        // Pages that a sitemap names are as near as the first one.
        let arguments = ["--url", &format!("{server}/"), "--sitemap", "--depth", "0"];
        ended(scrape(&arguments, folder.path()).output_in_time(), 0);
        let mut expected: BTreeSet<String> = pages.iter().map(|&page| page.to_owned()).collect();
        let files = ["/robots.txt", "/s/1.xml.gz", "/s/index.xml", "/sitemap.xml"];
        expected.extend(files.map(str::to_owned));
        let asked = |from: usize| -> BTreeSet<String> {
            let asked = asked.lock().unwrap();
            asked[from..].iter().map(|head| path(head)).collect()
        };
        assert_eq!(asked(0), expected);
        // A crawl that goes on from there knows them, too, and asks only for the rest.
        let (before, more) = (expected.len(), ["--resume", "--depth", "1"]);
        let arguments = [&arguments[..3], &more].concat();
        ended(scrape(&arguments, folder.path()).output_in_time(), 0);
        let mut rest = BTreeSet::from(["/robots.txt".to_owned(), "/linked".to_owned()]);
        rest.extend((!there).then(|| "/sitemap.xml".to_owned()));
        assert_eq!(asked(before), rest);
    }
}

#[test]
fn sitemaps_are_read_whatever_their_server_calls_them() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder
        .write_all(b"<urlset><loc>/a</loc></urlset>")
        .unwrap();
    let packed = encoder.finish().unwrap();
    let xml =
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<urlset xmlns='x'><url><loc>/a</loc></url></urlset>";
    for (kind, body) in [
        ("text/plain", &xml[..]),
        ("text/html", xml),
        ("application/octet-stream", xml),
        ("application/rss+xml", xml),
        ("application/gzip", &packed),
        ("text/plain; charset=utf-8", b"\xef\xbb\xbf\r\nHOST/a\r\n"),
    ] {
        let body = body.to_vec();
        let (server, asked) = answers(move |head| {
            let host = head.split_once("host: ").unwrap().1.lines().next().unwrap();
            let host = format!("http://{host}");
            match &*path(head) {
                "/robots.txt" => page("text/plain", b"Sitemap: /map\n"),
                "/map" => match body.strip_suffix(b"HOST/a\r\n") {
                    Some(before) => page(kind, &[before, host.as_bytes(), b"/a\r\n"].concat()),
                    None => page(kind, &body),
                },
                "/" | "/a" => page("text/html", b"x"),
                _ => MISSING.to_vec(),
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["--url", &format!("{server}/"), "--sitemap"];
        ended(scrape(&arguments, folder.path()).output_in_time(), 0);
        let asked = asked.lock().unwrap();
        assert!(
            asked.iter().any(|head| path(head) == "/a"),
            "{kind}: {asked:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn random_waits_are_around_the_delay_and_not_all_alike() {
    let mut limits = Limits {
        delay: Duration::from_millis(1000),
        random_delay: true,
        robots_first: false,
        ..Limits::default()
    };
    limits.pages = 200;
    let seeds = (0..200).map(|number| url(&format!("http://h/{number}")));
    let frontier = Frontier::new(limits, seeds);
    let (mut waits, mut before) = (Vec::new(), None::<Instant>);
    while let Some(page) = frontier.take().await {
        let now = Instant::now();
        waits.extend(before.map(|before| (now - before).as_millis()));
        before = Some(now);
        frontier.done(&page, &[]);
    }
    // The clock of the test has steps of a millisecond.
    assert!(
        waits.iter().all(|wait| (500..=1501).contains(wait)),
        "{waits:?}"
    );
    let (least, most) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
    assert!(*least < 700 && *most > 1300, "{waits:?}");
}

/// Servers that link to each other, crawled in shards until no shard has found anything for
/// another.
#[test]
fn shards_are_disjoint_and_together_the_whole() {
    let servers: Vec<String> = (0..6).map(|_| bytes(linked).0).collect();
    // Each server's hidden page is linked from the next server only.
    fn linked(path: &str) -> Vec<u8> {
        match path.strip_prefix("/to/") {
            Some(target) => {
                let link = format!("<a href=http://{target}/hidden>x</a>");
                page("text/html", link.as_bytes())
            }
            None => page("text/html", b"<a href=/own>x</a>"),
        }
    }
    let mut seeds = String::new();
    for (server, next) in servers.iter().zip(servers.iter().cycle().skip(1)) {
        let next = next.strip_prefix("http://").unwrap();
        seeds += &format!("{server}/\n{server}/to/{next}\n");
    }
    let root = tempfile::tempdir().unwrap();
    let run = |folder: &str, seeds: &str, more: &[&str]| {
        fs::write(root.path().join("seeds.txt"), seeds).unwrap();
        let arguments = [
            "--seeds",
            "seeds.txt",
            "--ignore-robots",
            "--output",
            folder,
        ];
        let arguments = [&arguments[..], more].concat();
        ended(scrape(&arguments, root.path()).output_in_time(), 0);
        let place = root.path().join(folder);
        let elsewhere = fs::read_to_string(place.join("elsewhere.txt")).unwrap_or_default();
        let mut pages = files(&place);
        pages.remove("elsewhere.txt");
        (pages, elsewhere)
    };
    let (whole, nothing) = run("whole", &seeds, &[]);
    assert_eq!((whole.len(), &*nothing), (4 * 6, ""));
    let mut parts = vec![Default::default(); 3];
    let mut seeds: BTreeSet<String> = seeds.lines().map(str::to_owned).collect();
    for round in 0.. {
        assert!(round < 4, "it has no end");
        let before = seeds.clone();
        let list = before
            .iter()
            .map(|seed| format!("{seed}\n"))
            .collect::<String>();
        for (number, part) in (1..).zip(&mut parts) {
            let (folder, shard) = (format!("part{number}"), format!("{number}/3"));
            let options = ["--shard", &shard, "--resume"];
            let (pages, elsewhere) = run(&folder, &list, &options);
            *part = pages;
            seeds.extend(elsewhere.lines().map(str::to_owned));
        }
        if seeds == before {
            break;
        }
    }
    let together: usize = parts.iter().map(|part| part.len()).sum();
    let union = parts.into_iter().flatten().collect();
    assert_eq!((together, union), (whole.len(), whole));
}

#[test]
fn a_page_is_downloaded_again_only_if_it_was_changed() {
    let version = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(1));
    let now = std::sync::Arc::clone(&version);
    let (server, asked) = answers(move |head| {
        let version = now.load(std::sync::atomic::Ordering::Relaxed);
        let lower = head.to_ascii_lowercase();
        let (validator, has_it, body) = match path(head).as_str() {
            "/robots.txt" => return MISSING.to_vec(),
            "/" => (
                "ETag: \"1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n".to_owned(),
                lower.contains("if-none-match: \"1\""),
                "<a href=dated>x</a><a href=new>x</a><a href=none>x</a>".to_owned(),
            ),
            "/dated" => (
                "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n".to_owned(),
                lower.contains("if-modified-since: thu, 01 jan 2026 00:00:00 gmt"),
                "<a href=behind>x</a>".to_owned(),
            ),
            "/new" => (
                format!("ETag: \"v{version}\"\r\n"),
                lower.contains(&format!("if-none-match: \"v{version}\"")),
                format!("version {version}"),
            ),
            _ => (String::new(), false, "always".to_owned()),
        };
        let status = if has_it { "304 Not Modified" } else { "200 OK" };
        let kind = "Content-Type: text/html\r\nConnection: close\r\n";
        let body = if has_it { "" } else { &body };
        format!("HTTP/1.1 {status}\r\n{kind}{validator}\r\n{body}").into_bytes()
    });
    let folder = tempfile::tempdir().unwrap();
    let from = format!("{server}/");
    for convert in [false, true] {
        let arguments = [
            "--url",
            &from,
            "--timestamping",
            "--output",
            "out",
            "--convert-links",
        ];
        let arguments = if convert {
            &arguments[..]
        } else {
            &arguments[..5]
        };
        let run = || ended(scrape(arguments, folder.path()).output_in_time(), 0);
        run();
        let first = tree(&folder.path().join("out"));
        asked.lock().unwrap().clear();
        version.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (out, _) = run();
        let counted = |status: &str, pages: &str| {
            let mut lines = out
                .lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>());
            lines.any(|line| line.starts_with(&[status, pages]))
        };
        assert!(counted("304", "2") && counted("200", "3"), "{out}");
        assert_eq!(asked.lock().unwrap().len(), 6);
        let second = tree(&folder.path().join("out"));
        for (name, body) in &second {
            let is_changed = name.ends_with("/new") || name.ends_with("/new.html");
            let is_same = first[name] == *body;
            assert!(is_same != is_changed || name == "index.json", "{name}");
        }
        assert_eq!(first.len(), second.len());
    }
}

#[test]
fn broken_links_are_named_with_their_pages() {
    let (other, asked) = bytes(|path| match path {
        "/there" => page("text/html", b"<a href=/never>x</a>"),
        _ => MISSING.to_vec(),
    });
    let there = other.clone();
    let (server, _) = bytes(move |path| match path {
        "/" => page(
            "text/html",
            format!(
                "<a href=good#a>x</a><a href=good#b>x</a><a href=good#%C3%A4>x</a>\
                 <a href=gone>x</a><a href='{there}/gone'>x</a><a href='{there}/there#any'>x</a>\
                 <a href=#top>x</a><a href=#self>x</a><a href=moved>x</a><a href=mailto:x>x</a>"
            )
            .as_bytes(),
        ),
        "/good" => page(
            "text/html; charset=utf-8",
            "<a name=a><p id=\u{e4}><img src=/gone>".as_bytes(),
        ),
        "/moved" => b"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /gone\r\n\r\n".to_vec(),
        _ => MISSING.to_vec(),
    });
    let folder = tempfile::tempdir().unwrap();
    for more in [&[][..], &["--convert-links"]] {
        let from = format!("{server}/");
        let secret = ["--header", "Authorization: Bearer secret"];
        let arguments = [&["--url", &from, "--link-check"], &secret[..], more].concat();
        let (_, err) = ended(scrape(&arguments, folder.path()).output_in_time(), 1);
        let links: BTreeSet<&str> = err
            .lines()
            .filter(|line| line.contains(" links to "))
            .collect();
        let expected = [
            (&*from, "/good#b", "the page has no such place"),
            (&from, "/gone", "the server answers 404 Not Found"),
            (&from, "/moved", "the server answers 404 Not Found"),
            (&from, "/#self", "the page has no such place"),
            (
                &format!("{server}/good"),
                "/gone",
                "the server answers 404 Not Found",
            ),
        ];
        let mut expected: BTreeSet<String> = expected
            .map(|(page, link, why)| format!("error: tasks: {page} links to {server}{link}: {why}"))
            .into();
        expected.insert(format!(
            "error: tasks: {from} links to {other}/gone: the server answers 404 Not Found"
        ));
        assert_eq!(links, expected.iter().map(String::as_str).collect());
    }
    let asked = asked.lock().unwrap();
    assert!(!asked.iter().any(|head| path(head) == "/never"));
    // A server that is only checked gets no secret.
    assert!(
        !asked.iter().any(|head| head.contains("secret")),
        "{asked:?}"
    );
    let good = format!("{server}/good");
    let arguments = ["--url", &good, "--link-check", "--exclude", "/gone"];
    ended(scrape(&arguments, folder.path()).output_in_time(), 0);
}

/// A page's links are checked although the site may have no further page.
#[test]
fn pages_of_other_servers_are_not_counted() {
    let (other, asked) = answers(|head| match path(head).as_str() {
        "/robots.txt" => page("text/plain", b"User-agent: *\nDisallow: /no\n"),
        "/gone" => MISSING.to_vec(),
        _ => page("text/plain", b"x"),
    });
    let to = other.clone();
    let (server, own) = bytes(move |path| {
        let links = ["/a", "/b", "/gone", "/no"].map(|path| format!("<a href={to}{path}>x</a>"));
        let body = links.concat() + "<a href=/c>x</a><a href=/d>x</a><a href=/e>x</a>";
        match path {
            "/robots.txt" => MISSING.to_vec(),
            _ => page("text/html", body.as_bytes()),
        }
    });
    for (most, expected) in [("1", 1), ("3", 3), ("9", 4)] {
        let folder = tempfile::tempdir().unwrap();
        let from = format!("{server}/");
        let arguments = ["--url", &from, "--link-check", "--max-pages", most];
        for more in [&[][..], &["--resume"]] {
            let mut run = scrape(&[&arguments, more].concat(), folder.path());
            let (_, err) = ended(run.output_in_time(), 1);
            let broken = err.lines().filter(|line| line.contains(" links to "));
            // A resumed crawl requests further pages.
            let broken = broken.count();
            assert!(broken == expected || !more.is_empty(), "{err}");
            let taken = |asked: &std::sync::Mutex<Vec<String>>| -> BTreeSet<String> {
                let heads = std::mem::take(&mut *asked.lock().unwrap());
                heads.iter().map(|head| path(head)).collect()
            };
            let checked = ["/a", "/b", "/gone", "/robots.txt"].map(str::to_owned);
            assert_eq!(taken(&asked), checked.into());
            let requested = taken(&own).len();
            assert!(requested == expected + 1 || !more.is_empty(), "{requested}");
        }
    }
}

#[test]
fn a_converted_page_does_not_get_the_name_of_a_folder() {
    let (server, _) = bytes(|path| match path {
        "/" => page("text/html", b"<a href=a>1</a><a href=a.html/x>2</a>"),
        "/a" => page("text/html", b"one"),
        "/a.html/x" => page("text/plain", b"two"),
        _ => MISSING.to_vec(),
    });
    let folder = tempfile::tempdir().unwrap();
    let from = format!("{server}/");
    let arguments = ["--url", &from, "--convert-links"];
    ended(scrape(&arguments, folder.path()).output_in_time(), 0);
}
