//! A crawl that is resumed finds what it would have found at once.

use std::io::Write;

use async_scrape::Strategy;
use timing::Timeline;

use crate::heads::bytes;
use crate::{Crawling, again, close, url};

/// What stands in headers, and not in files, is not forgotten.
#[test]
fn a_resumed_crawl_follows_the_same_links() {
    let mut body = b"<html><a href=/b>x</a></html>".to_vec();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&body).unwrap();
    body = encoder.finish().unwrap();
    body.truncate(body.len() - 8);
    let (server, _) = bytes(move |path| {
        let (headers, body) = match path {
            "/" => (
                "Refresh: 0; url=/a\r\n",
                &b"<html><a href=/c>x</a><a href=/d>x</a>"[..],
            ),
            "/a" => ("", &b"<html><a href=/e>x</a>"[..]),
            "/c" => (
                "X-Robots-Tag: nofollow\r\n",
                &b"<html><a href=/never>x</a>"[..],
            ),
            "/d" => ("Content-Encoding: gzip\r\n", &body[..]),
            _ => ("", &b"x"[..]),
        };
        let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}\r\n");
        [head.as_bytes(), body].concat()
    });
    let folder = tempfile::tempdir().unwrap();
    let mut numbers = Vec::new();
    // In the first, only the pages at the beginning; in the second, the rest.
    for (depth, resume) in [(1, false), (10, true)] {
        let mut crawling = Crawling {
            options: again(resume),
            ..Crawling::default()
        };
        (crawling.limits.depth, crawling.policy.robots) = (depth, true);
        let job = crawling.from(&url(&format!("{server}/")), folder.path());
        Strategy::Tasks.run(&job, &Timeline::off()).unwrap();
        numbers.push(close(job, folder.path()).len());
    }
    assert_eq!(numbers, [4, 6]);
}
