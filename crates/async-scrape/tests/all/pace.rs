//! Pages that have to wait keep nobody else waiting, and slow ones arrive.

use std::io::Write;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

use async_scrape::Strategy;
use async_scrape::crawl::frontier::{Frontier, Limits, Page};
use flate2::Compression;
use flate2::write::GzEncoder;
use timing::Timeline;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};

use crate::heads::bytes;
use crate::list::{head, raw};
use crate::site::crawl;
use crate::{Crawling, close, of, url};

const END: &str = "Connection: close\r\nContent-Length: 0\r\n\r\n";

#[test]
fn a_worker_does_not_wait_for_a_server_that_is_busy() {
    for path in ["/", "/robots.txt"] {
        busy(path);
    }
}

/// The busy server has time for this path only when all pages of the other server were requested. A
/// worker that waited would use up all tries before.
fn busy(busy: &'static str) {
    let (other, asked) = bytes(|path| match path {
        "/" => b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html><a href=1>x</a><a href=2>x</a>"
            .to_vec(),
        _ => format!("HTTP/1.1 200 OK\r\n{END}").into_bytes(),
    });
    let times = Mutex::new(0);
    let (server, _) = bytes(move |path| {
        let mut times = times.lock().unwrap();
        *times += usize::from(path == busy);
        let status = match () {
            () if path != busy => "200 OK",
            () if *times == 1 => "503 Busy\r\nRetry-After: 1",
            () if asked.lock().unwrap().len() < 4 => "503 Too early",
            () => "200 OK",
        };
        format!("HTTP/1.1 {status}\r\n{END}").into_bytes()
    });
    let folder = tempfile::tempdir().unwrap();
    let seeds = [&server, &other].map(|server| url(&format!("{server}/")));
    let job = Crawling::default().crawl_of(seeds.to_vec(), folder.path());
    Strategy::Sequential.run(&job, &Timeline::off()).unwrap();
    let entries = close(job, folder.path());
    assert_eq!(entries.len(), 4);
    for entry in &entries {
        assert_eq!(entry.error, None, "{busy}: {entries:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_put_back_comes_again_at_its_time_and_is_counted_once() {
    let mut limits = Crawling::default().limits;
    limits.robots_first = false;
    limits.pages = 2;
    let frontier = Frontier::new(limits, ["http://h/1", "http://h/2", "http://h/3"].map(url));
    let begin = Instant::now();
    let mut taken = Vec::new();
    while let Some(page) = frontier.take().await {
        let at = begin.elapsed().as_secs();
        taken.push((page.url.path().to_owned(), page.failures, at));
        if page.url.path() == "/1" && page.failures < 2 {
            let later = Instant::now() + Duration::from_secs(10);
            frontier.put_back(&page, later, page.failures + 1);
        } else {
            frontier.done(&page, &[]);
        }
    }
    let expected = [("/1", 0, 0), ("/2", 0, 0), ("/1", 1, 10), ("/1", 2, 20)];
    assert_eq!(
        taken,
        expected.map(|(path, failures, at)| (path.to_owned(), failures, at))
    );
    assert_eq!(frontier.progress().waiting, 1);
}

/// A worker that waits sees each change when it happens, and not only at the next one. In virtual
/// time an hour passes at once if nothing wakes the worker.
#[tokio::test(start_paused = true)]
async fn each_change_wakes_a_worker_that_waits() {
    type Change = fn(&Frontier, &Page);
    let changes: [(&str, Change); 8] = [
        ("add", |frontier, _| frontier.add([url("http://h/new")])),
        ("done", |frontier, page| {
            frontier.done(page, &["http://h/new".to_owned()]);
        }),
        ("listed", |frontier, page| {
            frontier.listed(page, &["http://h/new".to_owned()]);
        }),
        ("redirected", |frontier, page| {
            let to = url("http://h/new");
            frontier.redirected(page, &to, false).unwrap();
        }),
        ("put back", |frontier, page| {
            frontier.put_back(page, Instant::now(), 1);
        }),
        ("crawl delay", |frontier, page| {
            frontier.set_crawl_delay(page, None);
        }),
        ("not requested", |frontier, page| {
            frontier.not_requested(page);
        }),
        ("stop", |frontier, _| frontier.stop()),
    ];
    for (name, change) in changes {
        let mut limits = Crawling::default().limits;
        let mut seeds = vec![url("http://h/1")];
        limits.robots_first = name == "crawl delay";
        if name == "crawl delay" || name == "not requested" {
            seeds.push(url("http://h/2"));
        }
        if name == "not requested" {
            limits.delay = Duration::from_secs(7200);
        }
        let frontier = Frontier::new(limits, seeds);
        let page = frontier.take().await.unwrap();
        let changes = async {
            // The other one looks, and waits.
            yield_now().await;
            change(&frontier, &page);
        };
        let both = async { tokio::join!(frontier.take(), changes).0 };
        let taken = timeout(Duration::from_secs(3600), both).await;
        let taken = taken.unwrap_or_else(|_| panic!("{name} woke nobody"));
        assert_eq!(taken.is_some(), name != "stop", "{name}");
    }
}

/// The workers that wait for the earliest time are those that would take the page.
#[tokio::test(start_paused = true)]
async fn of_several_servers_that_wait_the_first_is_the_first() {
    let limits = Limits {
        robots_first: false,
        ..Crawling::default().limits
    };
    let pages = ["http://a/", "http://b/", "http://c/"];
    let frontier = Frontier::new(limits, pages.map(url));
    let begin = Instant::now();
    for seconds in [20, 10, 30] {
        let page = frontier.take().await.unwrap();
        let later = begin + Duration::from_secs(seconds);
        frontier.put_back(&page, later, 1);
    }
    let mut taken = Vec::new();
    while let Some(page) = frontier.take().await {
        let host = page.url.host_str().unwrap().to_owned();
        taken.push((host, begin.elapsed().as_secs()));
        frontier.done(&page, &[]);
    }
    let expected = [("b", 10), ("a", 20), ("c", 30)];
    assert_eq!(taken, expected.map(|(host, at)| (host.to_owned(), at)));
}

/// No server has to wait until all pages of another were requested.
#[tokio::test]
async fn servers_take_turns() {
    let mut limits = Crawling::default().limits;
    limits.robots_first = false;
    let pages = [
        "http://a/1",
        "http://a/2",
        "http://a/3",
        "http://b/1",
        "http://b/2",
    ];
    let frontier = Frontier::new(limits, pages.map(url));
    let mut taken = Vec::new();
    for _ in pages {
        taken.push(frontier.take().await.unwrap().url.to_string());
    }
    let expected = [
        "http://a/1",
        "http://b/1",
        "http://a/2",
        "http://b/2",
        "http://a/3",
    ];
    assert_eq!(taken, expected);
}

/// A crawl is complete if no page waits, in the queue or for its time, and nobody stopped it.
#[tokio::test]
async fn what_still_waits_or_was_stopped_is_not_complete() {
    let mut limits = Crawling::default().limits;
    limits.robots_first = false;
    let frontier = Frontier::new(limits, [url("http://h/1")]);
    assert_eq!(frontier.progress().waiting, 1);
    let page = frontier.take().await.unwrap();
    frontier.put_back(&page, Instant::now(), 1);
    assert_eq!(frontier.progress().waiting, 1);
    assert!(!frontier.progress().is_complete());
    let page = frontier.take().await.unwrap();
    frontier.done(&page, &[]);
    assert!(frontier.progress().is_complete());
    frontier.stop();
    assert!(!frontier.progress().is_complete());
}

/// Between half of the politeness delay and three halves of it, all over that range.
#[tokio::test(start_paused = true)]
async fn a_random_delay_is_now_shorter_and_now_longer() {
    let limits = Limits {
        delay: Duration::from_secs(1000),
        random_delay: true,
        robots_first: false,
        ..Crawling::default().limits
    };
    let pages = (0..300).map(|page| url(&format!("http://h/{page}")));
    let frontier = Frontier::new(limits, pages);
    let mut delays = Vec::new();
    let mut before = Instant::now();
    while let Some(page) = frontier.take().await {
        delays.push(before.elapsed().as_secs());
        before = Instant::now();
        frontier.done(&page, &[]);
    }
    let delays = &delays[1..];
    // A timer may be a millisecond late.
    assert!(delays.iter().all(|delay| (500..=1500).contains(delay)));
    // That none of 299 is in an outer fifth happens once in 10^29 runs.
    assert!(delays.iter().any(|delay| *delay < 700), "{delays:?}");
    assert!(delays.iter().any(|delay| *delay > 1300), "{delays:?}");
}

#[test]
fn the_delay_also_lies_between_robots_txt_and_the_first_page() {
    let before: Mutex<Option<std::time::Instant>> = Mutex::default();
    let (server, _) = bytes(move |path| {
        let status = match (path, *before.lock().unwrap()) {
            ("/robots.txt", _) => "404 No",
            (_, Some(before)) if before.elapsed() >= Duration::from_millis(200) => "200 OK",
            _ => "500 Too early",
        };
        *before.lock().unwrap() = Some(std::time::Instant::now());
        format!("HTTP/1.1 {status}\r\n{END}").into_bytes()
    });
    let mut crawling = Crawling::default();
    crawling.limits.delay = Duration::from_millis(200);
    let (entries, _) = crawl(&crawling, &format!("{server}/"));
    assert_eq!((entries.len(), &entries[0].error), (1, &None));
}

#[test]
fn a_body_may_take_longer_than_the_server_may_be_silent() {
    let address = raw(|mut stream| {
        while let Some(head) = head(&mut stream) {
            if head.starts_with("GET /robots.txt") {
                let _ = stream.write_all(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
                continue;
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
            for _ in 0..8 {
                sleep(Duration::from_millis(200));
                let _ = stream.write_all(b"x");
            }
        }
    });
    let mut crawling = Crawling::default();
    crawling.settings.timeout = Duration::from_secs(1);
    let (entries, _) = crawl(&crawling, &format!("http://{address}/"));
    assert_eq!((&of(&entries, "/").error, entries[0].bytes), (&None, 8));
}

/// A page that is being written when the crawl is stopped is finished, and not said to be
/// interrupted while its file appears all the same.
#[test]
fn a_page_that_is_being_written_is_not_interrupted() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![0; 64 << 20]).unwrap();
    let body = encoder.finish().unwrap();
    let (server, _) = bytes(move |_| {
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n";
        [head.as_bytes(), &body].concat()
    });
    let folder = tempfile::tempdir().unwrap();
    let mut crawling = Crawling::default();
    crawling.policy.robots = false;
    crawling.policy.bytes = 100 << 20;
    let job = crawling.from(&url(&format!("{server}/")), folder.path());
    std::thread::scope(|scope| {
        let run = scope.spawn(|| Strategy::Tasks.run(&job, &Timeline::off()));
        // The file exists as soon as the first part of the body is decoded.
        let is_written = || {
            let files = std::fs::read_dir(folder.path().join(".crawl")).unwrap();
            files
                .flatten()
                .any(|file| file.file_name().as_encoded_bytes().starts_with(b".part-"))
        };
        while !is_written() && !run.is_finished() {
            std::thread::yield_now();
        }
        job.crawl.stop(Duration::ZERO);
        run.join().unwrap().unwrap();
    });
    let entries = close(job, folder.path());
    assert_eq!((&entries[0].error, entries[0].bytes), (&None, 64 << 20));
}
