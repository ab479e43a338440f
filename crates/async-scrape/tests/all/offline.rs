//! A site that is read without a network (`--convert-links`), by a browser if there is one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use async_scrape::Strategy;
use async_scrape::crawl::store::Options;
use clap::ValueEnum;
use reqwest::Url;
use timing::Timeline;
use timing::limit::InTime;

use crate::heads::bytes;
use crate::{Crawling, again, close, ended, files, of, scrape, url};

/// A site whose pages are named and encoded in every way that matters.
fn site() -> String {
    bytes(|path| {
        let html = "text/html";
        let (kind, body): (&str, Vec<u8>) = match path {
            "/" => (html, INDEX.into()),
            "/about" => (
                html,
                b"<title>about</title><a href='a/b.php?x=1&amp;y=2#p2'>three</a>".into(),
            ),
            "/a/b.php?x=1&y=2" => ("text/html; charset=koi8-r", KOI8.into()),
            "/a/%D0%B0?q=%C1" => (
                html,
                b"<base href=/ target=_top><a href=about#x>x</a><a href=#y>y</a>".into(),
            ),
            "/style?v=2" => (
                "text/css",
                b"@import 'more.css'; body { background: URL( \"i(1).png\" ) }".into(),
            ),
            "/more.css" => ("text/css", b"body { color: rgb(1, 2, 3) }".into()),
            "/x" => (
                html,
                "<a href=\"/\">\u{e4}</a>"
                    .encode_utf16()
                    .flat_map(u16::to_be_bytes)
                    .collect(),
            ),
            "/moved" => {
                return b"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /about\r\n\r\n"
                    .to_vec();
            }
            "/Index" | "/index" => (html, b"<a href=Index>I</a><a href=index>i</a>".into()),
            "/pic.svg" => (
                "image/svg+xml",
                b"<svg xmlns:xlink='a'><a xlink:href='/about'/><image href='i(1).png'/></svg>"
                    .into(),
            ),
            path if path.starts_with("/i(1)") => ("image/png", b"png".into()),
            _ => return b"HTTP/1.1 404 No\r\nConnection: close\r\n\r\n".to_vec(),
        };
        let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {kind}\r\n\r\n");
        [head.as_bytes(), &body].concat()
    })
    .0
}

const INDEX: &str = r##"<!doctype html><html lang=en><head><title>one</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'">
<link rel=stylesheet href="/style?v=2" integrity="sha256-x" crossorigin>
<style>p { background: url(i\(1\).png) }</style></head>
<body><a href=about>two</a> <a href="#here">here</a> <a href="gone?a=1&amp;b#c">gone</a>
<a href=moved#m>moved</a> <a href="mailto:a@b">mail</a> <a href="http://other.example/x y'z">other</a>
<img srcset="i(1).png 1x, i(1).png?2 2x" style="background: url('i(1).png')">
<a href=x>x</a><a href=Index>I</a><a href=index>i</a><a href=pic.svg>svg</a>
<iframe srcdoc="<a href=&quot;about&quot;>deep</a>"></iframe><form action="search"></form>
<a href=" ../../about ">up</a><a href="javascript:x()">j</a>
<script>document.title = getComputedStyle(document.body).color</script></body></html>"##;

/// "привет", and a link whose query is in the page's encoding.
const KOI8: &[u8] =
    b"<html><title>three</title><p id=p2>\xd0\xd2\xc9\xd7\xc5\xd4<a href='\xc1?q=\xc1'>four</a>";

/// Downloads a site and converts it. Returns the texts of its files, by their names.
fn convert(
    server: &str,
    folder: &Path,
    strategy: Strategy,
    options: Options,
) -> Vec<(String, Vec<u8>)> {
    let crawling = Crawling {
        options,
        ..Crawling::default()
    };
    let job = crawling.from(&url(&format!("{server}/")), folder);
    strategy.run(&job, &Timeline::off()).unwrap();
    close(job, folder);
    let files = files(folder).into_iter();
    let shown = files.filter(|(name, _)| !name.starts_with(".original"));
    shown
        .map(|(name, body)| (name.split_once('/').unwrap().1.to_owned(), body))
        .collect()
}

fn converting(resume: bool) -> Options {
    Options {
        convert: true,
        ..again(resume)
    }
}

#[track_caller]
fn text(files: &[(String, Vec<u8>)], name: &str) -> String {
    let found = files.iter().find(|(file, _)| file == name);
    let names: Vec<_> = files.iter().map(|(name, _)| name).collect();
    let (_, body) = found.unwrap_or_else(|| panic!("no {name} in {names:?}"));
    String::from_utf8_lossy(body).into_owned()
}

#[test]
fn all_that_is_downloaded_is_led_to() {
    let (server, _) = bytes(|path| {
        let body = match path {
            "/" => {
                "<!doctype html><meta property=og:image content=/a><image src=/b>\
                 <iframe srcdoc='<base href=/d/><img src=c>'></iframe><base href=/x/>\
                 <p style='b: \\75rl(/e)'>"
            }
            _ => "x",
        };
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}").into_bytes()
    });
    let folder = tempfile::tempdir().unwrap();
    let files = convert(&server, folder.path(), Strategy::Tasks, converting(false));
    assert_eq!(
        text(&files, "index.html"),
        "<!doctype html><meta property=og:image content=\"a\"><image src=\"b\">\
         <iframe srcdoc='&lt;base href=&quot;&quot;>&lt;img src=&quot;d/c&quot;>'></iframe>\
         <base href=\"\"><p style='b: url(e)'>"
    );
}

#[test]
fn links_lead_to_files_or_to_whole_urls() {
    let server = site();
    let folder = tempfile::tempdir().unwrap();
    let files = convert(&server, folder.path(), Strategy::Tasks, converting(false));
    let index = text(&files, "index.html");
    for expected in [
        "<link rel=stylesheet href=\"style%253Fv%3D2.css\" data-integrity=\"sha256-x\" data-crossorigin>",
        "<meta data-http-equiv=\"Content-Security-Policy\"",
        "url(i%281%29.png)",
        "<a href=\"about.html\">two</a> <a href=\"#here\">here</a>",
        &format!("<a href=\"{server}/gone?a=1&amp;b#c\">gone</a>"),
        "<a href=\"about.html#m\">moved</a> <a href=\"mailto:a@b\">",
        "\"http://other.example/x%20y%27z\"",
        "srcset=\"i%281%29.png 1x, i%281%29.png%253F2 2x\"",
        "url(&#39;i%281%29.png&#39;)",
        "<a href=\"x.html\">",
        "srcdoc=\"&lt;a href=&quot;about.html&quot;>deep&lt;/a>\"",
        &format!("<form action=\"{server}/search\">"),
        "<a href=\"about.html\">up</a><a href=\"javascript:x()\">",
    ] {
        assert!(index.contains(expected), "{expected}\n{index}");
    }
    let about = text(&files, "about.html");
    assert!(
        about.contains("'a/b.php%253Fx%3D1%26y%3D2.html#p2'"),
        "{about}"
    );
    let css = text(&files, "style%3Fv=2.css");
    assert_eq!(
        css,
        "@import 'more.css'; body { background: URL( \"i%281%29.png\" ) }"
    );
    // Its own bytes, and a declaration for a browser that is told nothing else.
    let (_, koi8) = files
        .iter()
        .find(|(name, _)| name.contains("b.php"))
        .unwrap();
    assert!(koi8.starts_with(b"<html><meta charset=\"KOI8-R\"><title>"));
    assert!(
        koi8.windows(7)
            .any(|bytes| bytes == b"\xd0\xd2\xc9\xd7\xc5\xd4<")
    );
    let based = text(&files, "a/%D0%B0%3Fq=%25C1.html");
    assert!(based.contains("<base href=\"\" target=_top>"), "{based}");
    assert!(based.contains("<a href=\"../about.html#x\">"), "{based}");
    assert!(based.contains("<a href=\"../index.html#y\">"), "{based}");
    let utf_16 = text(&files, "x.html");
    assert_eq!(utf_16, "\u{feff}<a href=\"index.html\">\u{e4}</a>");
    let svg = text(&files, "pic.svg");
    assert!(
        svg.contains("xlink:href='about.html'") && svg.contains("'i%281%29.png'"),
        "{svg}"
    );
    // Of names that differ by case, each link leads to its own.
    let upper = files.iter().find(|(name, _)| name.starts_with("Index"));
    let (name, body) = upper.unwrap();
    let upper = String::from_utf8_lossy(body);
    assert!(
        upper.starts_with(&format!("<a href=\"{name}\">I</a><a href=\"index~")),
        "{upper}"
    );
    assert!(
        index.contains(&format!("<a href=\"{name}\">I</a><a href=\"index~")),
        "{index}"
    );
}

#[test]
fn all_strategies_convert_alike_and_so_does_a_crawl_that_is_resumed() {
    let server = site();
    let mut trees = Vec::new();
    for &strategy in Strategy::value_variants() {
        let folder = tempfile::tempdir().unwrap();
        let whole = convert(&server, folder.path(), strategy, converting(false));
        trees.push(whole.clone());
        // Nothing is requested twice, and converting again changes nothing.
        trees.push(convert(&server, folder.path(), strategy, converting(true)));
        // Also without being told.
        trees.push(convert(&server, folder.path(), strategy, again(true)));
    }
    let folder = tempfile::tempdir().unwrap();
    for (depth, resume) in [(0, false), (1, true), (100, true)] {
        let mut crawling = Crawling {
            options: converting(resume),
            ..Crawling::default()
        };
        crawling.limits.depth = depth;
        let job = crawling.from(&url(&format!("{server}/")), folder.path());
        Strategy::Tasks.run(&job, &Timeline::off()).unwrap();
        close(job, folder.path());
    }
    trees.push(convert(
        &server,
        folder.path(),
        Strategy::Tasks,
        again(true),
    ));
    for tree in &trees {
        assert_eq!(tree.len(), trees[0].len());
        for (one, first) in tree.iter().zip(&trees[0]) {
            assert_eq!(one.0, first.0);
            let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
            assert_eq!(text(&one.1), text(&first.1), "{}", one.0);
        }
    }
}

#[test]
fn a_new_crawl_forgets_what_was_converted() {
    let server = site();
    let folder = tempfile::tempdir().unwrap();
    convert(&server, folder.path(), Strategy::Tasks, converting(false));
    let plain = convert(&server, folder.path(), Strategy::Tasks, again(false));
    assert!(text(&plain, "index.html").contains("<a href=about>"));
    assert!(!folder.path().join(".original").exists());
}

/// The page as a browser has it after its scripts ran; `None` if there is no browser.
fn browse(page: &Url) -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    for name in names {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(name);
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
            .arg(format!("--user-data-dir={}", home.path().display()))
            .arg(page.as_str());
        if Command::new(name).arg("--version").output().is_ok() {
            return Some(String::from_utf8(command.output_in_time().stdout).unwrap());
        }
    }
    eprintln!("skipped: there is no browser that could follow links from file to file");
    None
}

#[test]
fn a_browser_follows_three_links_from_file_to_file() {
    let server = site();
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--url",
        &format!("{server}/"),
        "--convert-links",
        "--output",
        "out",
    ];
    // The page that is gone is a failure.
    ended(scrape(&arguments, folder.path()).output_in_time(), 1);
    let host = server.strip_prefix("http://").unwrap().replace(':', "%3A");
    let index = folder.path().join("out").join(host).join("index.html");
    let index: PathBuf = fs::canonicalize(index).unwrap();
    let mut page = Url::from_file_path(index).unwrap();
    for (mark, link) in [
        // The style sheet that the first one imports is there.
        ("<title>rgb(1, 2, 3)</title>", "two"),
        ("<title>about</title>", "three"),
        ("\u{43f}\u{440}\u{438}\u{432}\u{435}\u{442}", "four"),
        ("<base href=\"\"", "x"),
    ] {
        let Some(dom) = browse(&page) else { return };
        assert!(dom.contains(mark), "{mark}: {dom}");
        let (before, _) = dom.split_once(&format!(">{link}</a>")).unwrap();
        let href = before
            .rsplit_once("href=\"")
            .unwrap()
            .1
            .trim_end_matches('"');
        page = page.join(&href.replace("&amp;", "&")).unwrap();
    }
    assert!(page.path().ends_with("/about.html"), "{page}");
}

#[test]
fn a_file_that_somebody_removed_stops_nothing() {
    let server = site();
    let folder = tempfile::tempdir().unwrap();
    convert(&server, folder.path(), Strategy::Tasks, converting(false));
    let host = server.strip_prefix("http://").unwrap().replace(':', "%3A");
    fs::remove_file(folder.path().join(host).join("about.html")).unwrap();
    let crawling = Crawling {
        options: converting(true),
        ..Crawling::default()
    };
    let job = crawling.from(&url(&format!("{server}/more.css")), folder.path());
    Strategy::Tasks.run(&job, &Timeline::off()).unwrap();
    assert_eq!(of(&close(job, folder.path()), "/about").error, None);
}
