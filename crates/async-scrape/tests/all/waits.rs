//! How long a server asks to be left alone, and that nothing shortens it.

use std::sync::Mutex;
use std::time::Duration;

use async_scrape::Strategy;
use timing::Timeline;

use crate::heads::bytes;
use crate::{Crawling, close, of, url};

const END: &str = "Connection: close\r\nContent-Length: 0\r\n\r\n";

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
