//! Pages that have to wait keep nobody else waiting, and slow ones arrive.

use std::io::Write;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

use async_scrape::Strategy;
use async_scrape::crawl::frontier::Frontier;
use flate2::Compression;
use flate2::write::GzEncoder;
use timing::Timeline;
use tokio::time::Instant;

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
