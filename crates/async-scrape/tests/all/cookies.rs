//! Pages that wait for their cookie.

use crate::heads::{answers, bytes};
use crate::list::{head, raw};
use crate::site::crawl;
use crate::{Crawling, ended, scrape};
use timing::limit::InTime;

use std::io::Write;

/// A page that redirects to itself until its cookie comes back, as some firewalls do.
fn answer(head: &str) -> &'static [u8] {
    if head.starts_with("GET /robots.txt") {
        b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
    } else if head.to_ascii_lowercase().contains("cookie: seen=yes") {
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    } else {
        b"HTTP/1.1 302 Found\r\nSet-Cookie: seen=yes; Path=/\r\nLocation: /page\r\nContent-Length: 0\r\n\r\n"
    }
}

fn server() -> String {
    let address = raw(|mut stream| {
        while let Some(head) = head(&mut stream) {
            let _ = stream.write_all(answer(&head));
        }
    });
    format!("http://{address}/page")
}

#[test]
fn a_page_that_waits_for_its_cookie_gets_it() {
    let (entries, files) = crawl(&Crawling::default(), &server());
    assert_eq!((&entries[0].error, entries[0].bytes), (&None, 2));
    assert_eq!(files.len(), 1);
    // In a list, too.
    let folder = tempfile::tempdir().unwrap();
    let (job, entries) = Crawling::default().list(&[server()], folder.path());
    async_scrape::Strategy::Tasks
        .run(&job, &timing::Timeline::off())
        .unwrap();
    assert_eq!(entries.lock().unwrap()[0].bytes, 2);
}

#[test]
fn without_cookies_none_are_sent() {
    let mut crawling = Crawling::default();
    crawling.settings.cookies = false;
    let (entries, files) = crawl(&crawling, &server());
    assert!(entries[0].error.as_deref().unwrap().contains("circle"));
    assert!(files.is_empty());
    // As its user runs the program.
    let (folder, server) = (tempfile::tempdir().unwrap(), server());
    for (arguments, status) in [
        (&["--url", &server][..], 0),
        (&["--url", &server, "--no-cookies"], 1),
    ] {
        ended(scrape(arguments, folder.path()).output_in_time(), status);
    }
}

#[test]
fn cookies_that_never_suffice_end() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let (server, asked) = bytes(move |_| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let head = "HTTP/1.1 302 Found\r\nLocation: /\r\nConnection: close\r\nContent-Length: 0";
        format!("{head}\r\nSet-Cookie: n={number}\r\n\r\n").into_bytes()
    });
    let mut crawling = Crawling::default();
    crawling.policy.robots = false;
    let (entries, _) = crawl(&crawling, &format!("{server}/"));
    let error = entries[0].error.as_deref().unwrap();
    assert!(error.contains("more than 10 times"), "{error}");
    assert_eq!(asked.lock().unwrap().len(), 11);
}

/// Some sites send a page without a cookie to another one, which sets it and sends it back.
#[test]
fn a_page_that_is_sent_away_for_its_cookie_is_asked_for_again() {
    let (server, asked) = answers(|head| {
        let has_cookie = head.to_ascii_lowercase().contains("cookie: seen=yes");
        let answer = match head.split(' ').nth(1).unwrap() {
            "/robots.txt" => "HTTP/1.1 404 No",
            "/check" => "HTTP/1.1 302 Found\r\nSet-Cookie: seen=yes\r\nLocation: /page",
            _ if has_cookie => "HTTP/1.1 200 OK",
            _ => "HTTP/1.1 302 Found\r\nLocation: /check",
        };
        format!("{answer}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").into_bytes()
    });
    let (entries, files) = crawl(&Crawling::default(), &format!("{server}/page"));
    assert!(
        entries.iter().all(|entry| entry.error.is_none()),
        "{entries:#?}"
    );
    assert_eq!((entries.len(), files.len()), (2, 1), "{entries:#?}");
    assert_eq!(asked.lock().unwrap().len(), 4);
}
