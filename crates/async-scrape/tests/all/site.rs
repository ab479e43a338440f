//! Crawls of sites: which pages are requested, where their files go, and which rules are obeyed.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use async_scrape::Strategy;
use async_scrape::crawl::frontier::Frontier;
use async_scrape::crawl::index::Entry;
use async_scrape::site::{ODD, PATHS};
use clap::ValueEnum;
use timing::Timeline;
use tokio::time::Instant;

use crate::list::{head, raw};
use crate::{Crawling, again, close, files, of, site, url};

/// Starts a server whose answers depend on the path: a status, headers, and a body. Returns its URL
/// and the paths that are requested.
fn pages(
    answer: impl Fn(&str) -> String + Send + Sync + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    let address = raw(move |mut stream| {
        while let Some(head) = head(&mut stream) {
            let path = head.split(' ').nth(1).unwrap();
            noted.lock().unwrap().push(path.to_owned());
            let answer = answer(path);
            let (head, body) = answer.split_once("\n\n").unwrap();
            let head = head.replace('\n', "\r\n");
            let _ = write!(
                stream,
                "HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (format!("http://{address}"), asked)
}

fn html(body: &str) -> String {
    format!("200 OK\nContent-Type: text/html\n\n{body}")
}

pub fn crawl(crawling: &Crawling, from: &str) -> (Vec<Entry>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let job = crawling.from(&url(from), folder.path());
    Strategy::Tasks.run(&job, &Timeline::off()).unwrap();
    let entries = close(job, folder.path());
    (entries, files(folder.path()).into_keys().collect())
}

#[test]
fn all_strategies_leave_the_same_tree() {
    let site = site();
    for path in ["/", "/odd/"] {
        let mut trees = Vec::new();
        for &strategy in Strategy::value_variants() {
            let folder = tempfile::tempdir().unwrap();
            let job = Crawling::default().from(&url(&site.url(path)), folder.path());
            strategy.run(&job, &Timeline::off()).unwrap();
            assert!(
                close(job, folder.path())
                    .iter()
                    .all(|entry| entry.error.is_none())
            );
            trees.push(files(folder.path()));
        }
        assert!(trees.windows(2).all(|two| two[0] == two[1]), "{path}");
        let server = site.address().to_string().replace(':', "%3A");
        let names: Vec<_> = trees[0]
            .keys()
            .map(|name| name.strip_prefix(&server).unwrap())
            .collect();
        let mut expected: Vec<String> = match path {
            "/" => PATHS
                .iter()
                .map(|path| path.replace("/index.html", "/"))
                .collect(),
            _ => ODD.iter().map(|file| format!("/odd/{file}")).collect(),
        };
        for path in &mut expected {
            if path.ends_with('/') {
                path.push_str("index.html");
            }
        }
        expected.sort();
        assert_eq!(names, expected, "{path}");
    }
    // No crawl requested what it must not; each requested `robots.txt` once.
    let asked = site.requests();
    assert!(
        !asked
            .iter()
            .any(|path| path.contains("never") || path.contains("private")),
        "{asked:?}"
    );
    assert_eq!(
        asked.iter().filter(|path| *path == "/robots.txt").count(),
        6
    );
    assert_eq!(
        asked.iter().filter(|path| path.contains("twice")).count(),
        3,
        "one spelling"
    );
}

#[test]
fn what_is_had_is_written_down() {
    let site = site();
    let (entries, _) = crawl(&Crawling::default(), &site.url("/odd/"));
    assert_eq!(
        of(&entries, "/odd/latin1.html").title.as_deref(),
        Some("Grüße")
    );
    assert_eq!(
        of(&entries, "/moved.html").location,
        Some(site.url("/odd/moved-here.html"))
    );
    assert_eq!(of(&entries, "/moved.html").file, None);
    let refused = of(&entries, "/moved-out.html").skipped.as_ref().unwrap();
    assert!(refused.contains("http://other.invalid/"), "{refused}");
    assert!(
        of(&entries, "/private.html")
            .skipped
            .as_ref()
            .unwrap()
            .contains("robots.txt")
    );
    // Unpacked.
    assert_eq!(of(&entries, "/zipped.html").bytes, 23);
}

#[test]
fn the_depth_counts_the_shortest_way() {
    // 0 links to 1 and to 10; 1 to 2, and so on; 10 to 4: a shortcut that is found only after 4 was
    // requested.
    let asked_for_4: Arc<(Mutex<bool>, Condvar)> = Arc::default();
    let (server, _) = pages(move |path| {
        let (state, changed) = &*asked_for_4;
        let number: u32 = path.trim_start_matches('/').parse().unwrap_or(0);
        if number == 4 {
            *state.lock().unwrap() = true;
            changed.notify_all();
        }
        if number == 10 {
            drop(
                changed
                    .wait_while(state.lock().unwrap(), |asked| !*asked)
                    .unwrap(),
            );
            return html("<a href=4>x</a>");
        }
        html(&format!(
            "<a href={}>x</a> {}",
            number + 1,
            if number == 0 { "<a href=10>x</a>" } else { "" }
        ))
    });
    for _ in 0..3 {
        let mut crawling = Crawling::default();
        crawling.limits.depth = 4;
        let (entries, _) = crawl(&crawling, &format!("{server}/0"));
        let numbers: Vec<_> = entries
            .iter()
            .filter_map(|e| e.url.rsplit('/').next()?.parse::<u32>().ok())
            .collect();
        assert_eq!(numbers, [0, 1, 10, 2, 3, 4, 5, 6]);
    }
}

#[test]
fn no_more_pages_than_allowed_and_no_more_at_a_server() {
    let site = site();
    let mut crawling = Crawling {
        concurrency: 8,
        ..Crawling::default()
    };
    crawling.limits.pages = 7;
    let (entries, _) = crawl(&crawling, &site.url("/"));
    assert_eq!(entries.len(), 7);
    let mut crawling = Crawling {
        concurrency: 8,
        ..Crawling::default()
    };
    crawling.limits.per_server = 2;
    crawl(&crawling, &crate::site().url("/"));
    let other = crate::site();
    crawl(&crawling, &other.url("/"));
    assert!(other.peak() <= 2, "{}", other.peak());
}

#[tokio::test(start_paused = true)]
async fn a_delay_lies_between_requests() {
    let mut limits = Crawling::default().limits;
    limits.delay = Duration::from_millis(200);
    let frontier = Frontier::new(
        limits,
        ["http://h/1", "http://h/2", "http://h/3", "http://g/1"].map(url),
    );
    let begin = Instant::now();
    let mut times = Vec::new();
    let mut crawl_delay = Some(Duration::from_millis(500));
    while let Some(page) = frontier.take().await {
        times.push((page.url.to_string(), begin.elapsed().as_millis()));
        // The first server asks for a longer crawl delay.
        frontier.set_crawl_delay(&page, crawl_delay.take());
        frontier.done(&page, &[]);
    }
    times.sort();
    let expected = [
        ("http://g/1", 0),
        ("http://h/1", 0),
        ("http://h/2", 501),
        ("http://h/3", 1002),
    ];
    // A timer may be a millisecond late.
    for ((url, time), (expected, at)) in times.iter().zip(expected) {
        assert_eq!(url, expected);
        assert!(
            (at..=at + 2).contains(time) || time + 2 >= at && *time <= at,
            "{times:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_not_requested_takes_back_its_own_delay_and_no_back_off() {
    for (back_off, expected) in [(None, 200), (Some(Duration::from_secs(10)), 10_200)] {
        let mut limits = Crawling::default().limits;
        limits.delay = Duration::from_millis(200);
        limits.robots_first = false;
        let frontier = Frontier::new(limits, ["http://h/1", "http://h/2", "http://h/3"].map(url));
        let begin = Instant::now();
        let one = frontier.take().await.unwrap();
        let other = frontier.take().await.unwrap();
        if let Some(back_off) = back_off {
            frontier.back_off(&one, Instant::now() + back_off);
        }
        frontier.not_requested(&other);
        frontier.take().await.unwrap();
        // A timer may be a millisecond late.
        let at = begin.elapsed().as_millis();
        assert!(
            (expected..=expected + 2).contains(&at),
            "{back_off:?}: {at}"
        );
    }
}

#[tokio::test]
async fn until_a_servers_crawl_delay_is_known_its_first_page_is_alone() {
    let limits = Crawling::default().limits;
    let frontier = Frontier::new(limits, ["http://h/1", "http://h/2", "http://g/1"].map(url));
    let one = frontier.take().await.unwrap();
    let other = frontier.take().await.unwrap();
    assert_ne!(one.url.host(), other.url.host());
    let none_is_free = async |frontier: &Frontier| {
        tokio::select! {
            biased;
            _ = frontier.take() => false,
            () = std::future::ready(()) => true,
        }
    };
    assert!(none_is_free(&frontier).await);
    frontier.set_crawl_delay(&one, None);
    assert_eq!(frontier.take().await.unwrap().url, url("http://h/2"));
    assert!(none_is_free(&frontier).await);
}

#[test]
fn robots_are_obeyed_unless_ignored_and_no_answer_is_no_permission() {
    let site = || {
        pages(|path| match path {
            "/robots.txt" => "302 Found\nLocation: /rules\n\n".to_owned(),
            "/rules" => {
                "200 OK\n\nUser-agent: async-scrape\nDisallow: /no\nUser-agent: *\nDisallow: /\n"
                    .to_owned()
            }
            "/" => html("<a href=no>x</a><a href=to-no>x</a><a href=yes>x</a>"),
            "/to-no" => "301 Moved\nLocation: /no/2\n\n".to_owned(),
            _ => html("<meta name=robots content='noindex, nofollow'><a href=further>x</a>"),
        })
    };
    let (server, asked) = site();
    let (entries, _) = crawl(&Crawling::default(), &format!("{server}/"));
    let mut asked = asked.lock().unwrap().clone();
    asked.sort();
    assert_eq!(asked, ["/", "/robots.txt", "/rules", "/to-no", "/yes"]);
    assert!(entries.iter().all(|entry| entry.error.is_none()));

    let (server, asked) = site();
    let mut crawling = Crawling::default();
    crawling.policy.robots = false;
    crawl(&crawling, &format!("{server}/"));
    let mut asked = asked.lock().unwrap().clone();
    asked.sort();
    assert_eq!(
        asked,
        [
            "/",
            "/further",
            "/no",
            "/no/2",
            "/no/further",
            "/to-no",
            "/yes"
        ]
    );

    let (server, asked) = pages(|path| match path {
        "/robots.txt" => "500 Oh\n\n".to_owned(),
        _ => html(""),
    });
    let (entries, _) = crawl(&Crawling::default(), &format!("{server}/"));
    assert_eq!(
        *asked.lock().unwrap(),
        ["/robots.txt", "/robots.txt"],
        "asked again, and then believed"
    );
    assert!(
        entries[0]
            .error
            .as_ref()
            .unwrap()
            .starts_with("robots.txt can't be had: the server answers 500")
    );
}

#[test]
fn a_server_that_is_busy_is_asked_again_after_what_it_says() {
    let (server, asked) = {
        let times: Mutex<Vec<std::time::Instant>> = Mutex::default();
        pages(move |path| {
            if path != "/" {
                return html("");
            }
            let mut times = times.lock().unwrap();
            times.push(std::time::Instant::now());
            match times[..] {
                [_] => "503 Busy\nRetry-After: 1\n\n".to_owned(),
                [first, second] if second - first < Duration::from_secs(1) => {
                    "500 Too early\n\n".to_owned()
                }
                [..] => html(""),
            }
        })
    };
    let (entries, _) = crawl(&Crawling::default(), &format!("{server}/"));
    assert_eq!((entries[0].status, &entries[0].error), (Some(200), &None));
    assert_eq!(asked.lock().unwrap().len(), 3);
}

#[test]
fn files_and_folders_of_one_name_and_letters_of_two_cases_are_settled() {
    let pages = || {
        pages(|path| match path {
            "/" => html("<a href=/d/e>x</a><a href=/d>x</a><a href=/a>x</a><a href=/A>x</a>"),
            _ => html(path),
        })
    };
    let mut trees = Vec::new();
    for concurrency in [1, 4] {
        let (server, _) = pages();
        let folder = tempfile::tempdir().unwrap();
        let job = Crawling {
            concurrency,
            ..Crawling::default()
        }
        .from(&url(&format!("{server}/")), folder.path());
        Strategy::Threads.run(&job, &Timeline::off()).unwrap();
        let entries = close(job, folder.path());
        let tree = files(folder.path());
        for (end, body) in [("/d/e", "/d/e"), ("/d", "/d"), ("/a", "/a"), ("/A", "/A")] {
            let file = of(&entries, end).file.as_ref().unwrap();
            assert_eq!(tree[file], body.as_bytes(), "{file}");
        }
        // Without the port, and the hash that depends on it.
        let names = tree.keys().map(|name| {
            let name = name.split_once('/').unwrap().1;
            name.split_once('~')
                .map_or(name.to_owned(), |(stem, _)| format!("{stem}~"))
        });
        trees.push(names.collect::<Vec<_>>());
    }
    assert_eq!(trees[0], ["A", "a~", "d", "e~", "index.html"]);
    assert_eq!(trees[0], trees[1]);
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_long_is_left_alone() {
    let (server, asked) = pages(|path| match path {
        "/" => html(
            &(0..30)
                .map(|n| format!("<a href={n}>x</a>"))
                .collect::<String>(),
        ),
        "/robots.txt" => "404 No\n\n".to_owned(),
        _ => "429 Too Many\nRetry-After: 300\n\n".to_owned(),
    });
    let crawling = Crawling {
        concurrency: 3,
        ..Crawling::default()
    };
    let (entries, _) = crawl(&crawling, &format!("{server}/"));
    // robots.txt, the first page, three pages that ask for a back-off, and those in flight.
    assert!(asked.lock().unwrap().len() <= 2 + 3 + 3, "{asked:?}");
    assert_eq!(
        entries.iter().filter(|entry| entry.error.is_some()).count(),
        30
    );
    for entry in entries.iter().filter(|entry| entry.error.is_some()) {
        assert!(
            entry
                .error
                .as_ref()
                .unwrap()
                .contains("left alone for 300 s"),
            "{entry:?}"
        );
    }
}

#[test]
fn robots_are_asked_for_again_after_a_broken_connection() {
    let tries: Mutex<u32> = Mutex::default();
    let (server, asked) = pages(move |path| {
        if path != "/robots.txt" {
            return html("");
        }
        let mut tries = tries.lock().unwrap();
        *tries += 1;
        if *tries == 1 {
            "503 Later\n\n".to_owned()
        } else {
            "404 None\n\n".to_owned()
        }
    });
    let (entries, _) = crawl(&Crawling::default(), &format!("{server}/"));
    assert_eq!(entries[0].error, None);
    assert_eq!(*asked.lock().unwrap(), ["/robots.txt", "/robots.txt", "/"]);
}

#[test]
fn what_a_resumed_crawl_does_not_come_to_is_not_forgotten() {
    // `/a/` and `/a/index.html` have the same plain name, and so have `/x` and `/X`.
    let (server, asked) = pages(|path| match path {
        "/" => html(
            "<a href=/a/index.html>x</a><a href=/z>x</a><a href=/a/>x</a><a href=/x>x</a><a href=/X>x</a>",
        ),
        "/robots.txt" => "404 No\n\n".to_owned(),
        _ => html(&format!("this is {path}")),
    });
    let folder = tempfile::tempdir().unwrap();
    let crawl = |pages: u32, resume: bool| {
        let mut crawling = Crawling {
            options: again(resume),
            ..Crawling::default()
        };
        crawling.limits.pages = pages;
        let job = crawling.from(&url(&format!("{server}/")), folder.path());
        Strategy::Tasks.run(&job, &Timeline::off()).unwrap();
        (close(job, folder.path()), files(folder.path()))
    };
    let whole = crawl(100, false);
    assert_eq!(whole.0.len(), 6);
    asked.lock().unwrap().clear();
    // No page, or only one: as after Ctrl-C.
    for pages in [0, 1, 100] {
        assert_eq!(crawl(pages, true), whole, "{pages}");
    }
    assert_eq!(*asked.lock().unwrap(), Vec::<String>::new());
    // Without `--resume`, into the same folder.
    let (again, files) = crawl(100, false);
    assert!(again.iter().all(|entry| entry.error.is_none()));
    assert_eq!(files, whole.1);
}

#[test]
fn a_crawl_from_the_beginning_finds_its_own_old_files_in_no_way() {
    let (server, _) = pages(|path| match path {
        "/" => html("<a href=/d/e>x</a><a href=/d>x</a>"),
        _ => html(path),
    });
    let folder = tempfile::tempdir().unwrap();
    let mut trees = Vec::new();
    for _ in 0..2 {
        let job = Crawling::default().from(&url(&format!("{server}/")), folder.path());
        Strategy::Sequential.run(&job, &Timeline::off()).unwrap();
        let entries = close(job, folder.path());
        assert!(
            entries.iter().all(|entry| entry.error.is_none()),
            "{entries:#?}"
        );
        trees.push(files(folder.path()));
    }
    assert_eq!(trees[0], trees[1]);
}
