//! How long a server asks to be left alone, and that nothing shortens it.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use async_scrape::Strategy;
use async_scrape::crawl::frontier::{Frontier, Limits};
use timing::Timeline;
use tokio::time::Instant;

use crate::heads::bytes;
use crate::site::crawl;
use crate::{Crawling, close, of, url};

const END: &str = "Connection: close\r\nContent-Length: 0\r\n\r\n";

#[test]
fn a_back_off_may_be_a_date() {
    let (server, asked) = bytes(|path| {
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
        let status = match path {
            "/robots.txt" => "404 No".to_owned(),
            _ => format!("503 Busy\r\nRetry-After: {date}"),
        };
        format!("HTTP/1.1 {status}\r\n{END}").into_bytes()
    });
    let (entries, _) = crawl(&Crawling::default(), &format!("{server}/"));
    let error = entries[0].error.as_deref().unwrap_or_default();
    // A few seconds of the hour may have passed.
    assert!(error.contains("wants to be left alone for 3"), "{error}");
    // `robots.txt` and the page, once each.
    assert_eq!(asked.lock().unwrap().len(), 2);
}

/// Several pages in flight may be answered with back-offs: the longest one counts, also for a page
/// that could be requested before it is over.
#[tokio::test(start_paused = true)]
async fn of_several_back_offs_the_longest_counts() {
    let limits = Limits {
        robots_first: false,
        ..Crawling::default().limits
    };
    let frontier = Frontier::new(limits, ["http://h/1", "http://h/2"].map(url));
    let begin = Instant::now();
    let one = frontier.take().await.unwrap();
    let two = frontier.take().await.unwrap();
    for (page, seconds) in [(&one, 20), (&two, 10)] {
        frontier.back_off(page, begin + Duration::from_secs(seconds));
    }
    frontier.put_back(&one, begin + Duration::from_secs(5), 1);
    frontier.done(&two, &[]);
    frontier.take().await.unwrap();
    // In virtual time nothing else takes time.
    assert_eq!(begin.elapsed().as_secs(), 20);
}

/// The first page, which `robots.txt` disallows, is the one for which that file is requested. The
/// crawl delay in it counts for the others all the same.
#[test]
fn the_crawl_delay_counts_though_the_first_page_is_disallowed() {
    let before: Mutex<Option<std::time::Instant>> = Mutex::default();
    let (server, _) = bytes(move |path| {
        if path == "/robots.txt" {
            *before.lock().unwrap() = Some(std::time::Instant::now());
            let rules = "User-agent: *\nDisallow: /no\nCrawl-delay: 0.3\n";
            let length = rules.len();
            return format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{rules}"
            )
            .into_bytes();
        }
        let status = match *before.lock().unwrap() {
            Some(before) if before.elapsed() >= Duration::from_millis(300) => "200 OK",
            _ => "500 Too early",
        };
        format!("HTTP/1.1 {status}\r\n{END}").into_bytes()
    });
    let folder = tempfile::tempdir().unwrap();
    let seeds = ["/no", "/yes"].map(|path| url(&format!("{server}{path}")));
    let job = Crawling::default().crawl_of(seeds.to_vec(), folder.path());
    Strategy::Tasks.run(&job, &Timeline::off()).unwrap();
    let entries = close(job, folder.path());
    assert!(of(&entries, "/no").skipped.is_some(), "{entries:#?}");
    assert_eq!(of(&entries, "/yes").error, None);
}
