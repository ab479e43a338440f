//! Answers whose heads are not as the standard has them, and which browsers and wget read.

use std::io::Write;
use std::sync::{Arc, Mutex};

use async_scrape::crawl::index::Entry;

use crate::list::{head, raw};
use crate::site::crawl;
use crate::{Crawling, of};

/// Starts a server that sends these bytes for the head of a request, and closes the connection.
/// Returns its URL, and the heads of the requests.
pub fn answers(
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    let address = raw(move |mut stream| {
        if let Some(head) = head(&mut stream) {
            noted.lock().unwrap().push(head.clone());
            let _ = stream.write_all(&answer(&head));
        }
    });
    (format!("http://{address}"), asked)
}

/// Starts a server that sends these bytes for a path. Returns the same.
pub fn bytes(
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
    answers(move |head| answer(head.split(' ').nth(1).unwrap()))
}

/// Crawls a page whose answer has this head (status line and headers), and a link to `/next`.
fn page(head: &'static [u8], body: &'static [u8]) -> Vec<Entry> {
    let (server, _) = bytes(move |path| match path {
        "/" => [head, b"\r\n\r\n", body].concat(),
        _ => b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx".to_vec(),
    });
    crawl(&Crawling::default(), &format!("{server}/")).0
}

#[test]
fn malformed_heads_lose_no_page() {
    const LINK: &[u8] = b"<!doctype html><a href=next>x</a>";
    let many = |number: u32, last: &str| {
        let cookies = (0..number).map(|n| format!("Set-Cookie: c{n}=v\r\n"));
        let head = format!("HTTP/1.1 200 OK\r\n{}{last}", cookies.collect::<String>());
        &*head.into_bytes().leak()
    };
    for head in [
        &b"HTTP/1.1 200 OK\r\nX: a\x7fb"[..],
        b"HTTP/1.1 200 OK\r\nX: a\x01b",
        b"HTTP/1.1 200 OK\r\nContent-Type : text/html",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\tc",
        b"HTTP/1.1 200 OK\r\nPHP Warning  in line 3\r\nX: y",
        b"HTTP/1.1 200 OK\r\n: nothing",
        b"HTTP/1.1 200 OK\r\nX=y",
        b"HTTP/1.1 200 OK\r\nX: a\rb",
        b"HTTP/1.1 200 OK\r\nX: a\0b",
        b"HTTP/1.1 200 OK\r\nContent-Length: +33",
        b"HTTP/1.1 200 OK\r\nContent-Length: 33 bytes",
        b"HTTP/1.1 200 OK\r\nContent-Length: 33\r\nContent-Length: 34",
        b"HTTP/1.2 200 OK",
        b"HTTP/2.0 200 OK",
        b"HTTP/1.1 200 \x07\x1b[31mOK",
        b"HTTP/1.0 200 OK\nX: y",
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.2 200 OK",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.2 100 Continue\r\n\r\nHTTP/1.2 200 OK",
        b"\r\n\r\nHTTP/1.2 200 OK",
        b"\xef\xbb\xbfHTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Type: text/html",
        b" HTTP/1.1 200 OK\r\nX: y",
        b"HTTP/1.1 200 OK\r\r\nX: y\r",
        many(1000, "A: b"),
        many(6000, "A: b"),
        // What is odd behind many headers.
        many(1000, "Content-Length: 33\r\nContent-Length: 34"),
        many(1000, &format!("{}: x", "N".repeat(70_000))),
    ] {
        let entries = page(head, LINK);
        let told = String::from_utf8_lossy(head).escape_debug().to_string();
        let first = of(&entries, "/");
        assert_eq!((&first.error, first.bytes), (&None, 33), "{told}");
        assert_eq!(of(&entries, "/next").error, None, "{told}");
    }
}

#[test]
fn chunks_from_a_server_of_http_1_0_are_read() {
    let head = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked";
    let entries = page(head, b"e\r\n<a href=next>x\r\n0\r\n\r\n");
    assert_eq!((&entries[0].error, entries[0].bytes), (&None, 14));
    assert_eq!(entries.len(), 2);
}

#[test]
fn chunks_are_joined_however_they_are_named() {
    for coding in [
        "chunked, identity",
        "chunked,",
        "chunked;q=1",
        "\"chunked\"",
        "chunked\r\nTransfer-Encoding: identity",
    ] {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: ";
        let head = format!("{head}{coding}").leak().as_bytes();
        let entries = page(head, b"e\r\n<a href=next>x\r\n0\r\n\r\n");
        let first = &entries[0];
        assert_eq!(
            (&first.error, &first.remark, first.bytes),
            (&None, &None, 14),
            "{coding}"
        );
        assert_eq!(entries.len(), 2, "{coding}");
    }
}

/// They are read at the second try.
#[test]
fn chunks_whose_lines_are_odd_are_read() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked";
    for body in [
        &b"e\n<a href=next>x\n0\n\n"[..],
        b"e\r\n<a href=next>x\r\n0\r\n",
        b"e\r\n<a href=next>x\r\n0",
        b"e \r\n<a href=next>x0\r\n\r\n",
        b"0xe\r\n<a href=next>x\r\n0x0\r\n\r\n",
        format!("e;{}\r\n<a href=next>x\r\n0\r\n\r\n", "x".repeat(20_000))
            .leak()
            .as_bytes(),
    ] {
        let entries = page(head, body);
        let told = body.escape_ascii();
        assert_eq!((&entries[0].error, entries[0].bytes), (&None, 14), "{told}");
        assert_eq!(entries.len(), 2, "{told}");
    }
    // What breaks off is lost all the same.
    let entries = page(head, b"e\n<a href=next>x\n");
    assert!(entries[0].error.is_some());
}

#[test]
fn to_repair_an_answer_is_no_retry() {
    let (server, _) = bytes(|path| match path {
        "/" => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n".to_vec(),
        // No connection is used again, which a server may close at that moment.
        _ => b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec(),
    });
    let mut crawling = Crawling::default();
    crawling.policy.retries = 0;
    let (entries, _) = crawl(&crawling, &format!("{server}/"));
    assert_eq!((&entries[0].error, entries[0].bytes), (&None, 3));
}

#[test]
fn what_can_not_be_read_behind_a_body_does_no_harm() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked";
    let (many, long) = ("A: b\r\n".repeat(2000), "x".repeat(40_000));
    let long = format!("A: {long}");
    for behind in ["Z=1", "a b: c", "X: \u{1}", &many, &long] {
        let body = format!("e\r\n<a href=next>x\r\n0\r\n{behind}\r\n\r\n");
        let entries = page(head, body.leak().as_bytes());
        assert_eq!(
            (&entries[0].error, entries[0].bytes),
            (&None, 14),
            "{behind}"
        );
        assert_eq!(entries.len(), 2);
    }
}

/// The server says that there are no chunks, and keeps the connection open.
#[test]
fn a_body_that_is_said_to_be_no_chunks_ends_where_its_length_says() {
    let address = raw(|mut stream| {
        while let Some(head) = head(&mut stream) {
            let _ = match head.starts_with("GET /robots.txt") {
                true => stream.write_all(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"),
                false => stream.write_all(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi",
                ),
            };
        }
    });
    let (entries, _) = crawl(&Crawling::default(), &format!("http://{address}/"));
    assert_eq!((&entries[0].error, entries[0].bytes), (&None, 2));
}

/// Nor is that a retry: the page is requested on a connection of its own.
#[test]
fn a_server_may_close_a_connection_that_is_used_again() {
    let address = raw(|mut stream| {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n\
            <a href=next>x";
        if head(&mut stream).is_some() {
            let _ = stream.write_all(answer);
            let _ = head(&mut stream);
        }
    });
    let mut crawling = Crawling::default();
    (crawling.policy.robots, crawling.policy.retries) = (false, 0);
    let (entries, _) = crawl(&crawling, &format!("http://{address}/"));
    assert_eq!(entries.len(), 2);
    assert!(
        entries.iter().all(|entry| entry.error.is_none()),
        "{entries:#?}"
    );
}

/// A header that can't be read is left out. But a redirect without its target is worth a repair.
#[test]
fn a_redirect_whose_target_has_a_control_character_leads_somewhere() {
    for (location, target) in [("/next\u{1}", "/next"), ("/a\u{1}b\u{7f}", "/a%01b%7F")] {
        let head = format!("HTTP/1.1 302 Found\r\nLocation: {location}");
        let entries = page(head.leak().as_bytes(), b"");
        let to = of(&entries, "/").location.as_deref().unwrap();
        assert!(to.ends_with(target), "{to}");
    }
}

#[test]
fn a_server_whose_answers_are_repaired_gets_the_same_headers() {
    let (server, asked) = bytes(|path| match path {
        "/" => {
            b"HTTP/1.2 200 OK\r\nSet-Cookie: a=b\r\n\r\n<!doctype html><a href=/x?y>x</a>".to_vec()
        }
        _ => b"HTTP/1.2 200 OK\r\n\r\nx".to_vec(),
    });
    let mut crawling = Crawling::default();
    crawling.policy.robots = false;
    crawling.settings.user_agent = "me/1".to_owned();
    let (entries, _) = crawl(&crawling, &format!("{server}/"));
    assert_eq!(entries.len(), 2);
    let asked = asked.lock().unwrap();
    // The first page twice; from then on it is known that the server's answers need repair.
    assert_eq!(asked.len(), 3, "{asked:?}");
    let host = server.strip_prefix("http://").unwrap();
    for head in asked.iter() {
        let head = head.to_ascii_lowercase();
        assert!(head.contains("user-agent: me/1\r\n"), "{head}");
        assert!(head.contains(&format!("host: {host}\r\n")), "{head}");
    }
    assert!(asked[2].starts_with("GET /x?y HTTP/1.1\r\n"), "{asked:?}");
    assert!(asked[2].to_ascii_lowercase().contains("cookie: a=b\r\n"));
}

#[test]
fn targets_of_redirects_keep_their_bytes() {
    for (location, expected) in [
        (&b"/caf\xe9"[..], "/caf%E9"),
        ("/café".as_bytes(), "/caf%C3%A9"),
        (b"/a?q=\xe4\xf6", "/a?q=%E4%F6"),
        (b" /a b ", "/a%20b"),
    ] {
        let location = [b"HTTP/1.1 301 Moved\r\nLocation: ", location].concat();
        let entries = page(location.leak(), b"");
        let target = of(&entries, expected);
        assert_eq!(target.error, None, "{expected}");
    }
}

#[test]
fn a_choice_is_a_redirect_or_a_page_with_links() {
    let entries = page(b"HTTP/1.1 300 Choose\r\nLocation: /next", b"");
    assert!(of(&entries, "/").location.is_some());
    let entries = page(
        b"HTTP/1.1 300 Choose\r\nContent-Type: text/html",
        b"<a href=next>x</a>",
    );
    assert_eq!(entries.len(), 2, "{entries:#?}");
}

#[test]
fn a_refresh_in_a_header_is_a_link() {
    for head in [
        &b"HTTP/1.1 200 OK\r\nRefresh: 0; url=/next"[..],
        b"HTTP/1.1 200 OK\r\nRefresh: 5;URL='next'\r\nContent-Type: image/png",
    ] {
        let entries = page(head, b"x");
        assert_eq!((entries.len(), entries[0].links), (2, 1), "{entries:#?}");
    }
}
