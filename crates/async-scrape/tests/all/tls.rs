//! Crawls over https, with certificates of an authority that these tests make for themselves.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_scrape::crawl::index::Index;
use rustls::ServerConfig;
use timing::limit::InTime;

use crate::heads::bytes;
use crate::secure::{self, Authority};
use crate::{ended, files, of, scrape};

/// Starts a server with this certificate. Returns its URL under the name `localhost`, and the paths
/// that are requested.
fn start(
    config: ServerConfig,
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    let address = secure::serve(config, move |head| {
        let path = head.split(' ').nth(1).unwrap();
        noted.lock().unwrap().push(path.to_owned());
        answer(path)
    });
    (format!("https://localhost:{}", address.port()), asked)
}

fn answer(head: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("{head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// Runs the program in this folder, and returns what it complains about.
#[track_caller]
fn run(url: &str, more: &[&str], folder: &Path, status: i32) -> String {
    let arguments = [&["--url", url, "--output", "out", "--retries", "0"], more].concat();
    let mut command = scrape(&arguments, folder);
    ended(command.output_in_time(), status).1
}

#[test]
fn a_site_over_https_is_crawled_as_any_other() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let html = "HTTP/1.1 200 OK\r\nContent-Type: text/html";
    // The server without TLS redirects to the one with it, which links and redirects back.
    let plain_url: Arc<Mutex<String>> = Arc::default();
    let back = Arc::clone(&plain_url);
    let (safe, safe_asked) = start(authority.sign(&["localhost"], |_| ()), move |path| {
        let plain = back.lock().unwrap();
        match path {
            "/robots.txt" => answer("HTTP/1.1 200 OK", "User-agent: *\nDisallow: /secret"),
            "/" => answer(
                html,
                &format!("<a href=odd><a href=secret><a href=back><a href={plain}/a>"),
            ),
            // The HTTP library refuses these heads.
            "/odd" => answer(
                "HTTP/1.2 200 OK\r\nContent-Type: text/html",
                "<a href=odder>",
            ),
            "/odder" => answer("warning\nHTTP/1.1 200 OK\r\nno colon", "odd"),
            "/back" => answer(&format!("HTTP/1.1 302 Found\r\nLocation: {plain}/b"), ""),
            _ => answer("HTTP/1.1 404 Not Found", ""),
        }
    });
    let to = safe.clone();
    let (plain, plain_asked) = bytes(move |path| match path {
        "/" => answer(&format!("HTTP/1.1 301 Moved\r\nLocation: {to}/"), ""),
        "/robots.txt" => answer("HTTP/1.1 404 Not Found", ""),
        path => answer("HTTP/1.1 200 OK", path),
    });
    plain_url.lock().unwrap().push_str(&plain);
    let allowed = safe.replace("https://", "");
    let more = ["--ca", "ca.pem", "--allow", &allowed];
    run(&format!("{plain}/"), &more, folder.path(), 0);
    let pages = Index::read(&folder.path().join("out"))
        .unwrap()
        .unwrap()
        .pages;
    for end in ["/a", "/b", "/odd", "/odder"] {
        assert!(of(&pages, end).file.is_some(), "{pages:#?}");
    }
    let skipped = of(&pages, "/secret").skipped.as_deref();
    assert_eq!(skipped, Some("robots.txt does not allow it"));
    let asked = std::mem::take(&mut *safe_asked.lock().unwrap());
    assert_eq!(
        asked.iter().filter(|path| *path == "/robots.txt").count(),
        1
    );
    assert!(!asked.iter().any(|path| path == "/secret"), "{asked:?}");
    // What is whole is not asked for again.
    let before = files(&folder.path().join("out"));
    plain_asked.lock().unwrap().clear();
    run(
        &format!("{plain}/"),
        &[&more[..], &["--resume"]].concat(),
        folder.path(),
        0,
    );
    assert_eq!(files(&folder.path().join("out")), before);
    let asked = safe_asked.lock().unwrap();
    assert!(asked.iter().all(|path| path == "/robots.txt"), "{asked:?}");
}

#[test]
fn a_certificate_that_is_not_trusted_is_told_in_words() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let page = |_: &str| answer("HTTP/1.1 200 OK", "x");
    for (config, words) in [
        (
            authority.sign(&["localhost"], secure::expired),
            "the server's certificate expired on 2020-02-29: its owner has to renew it",
        ),
        (
            authority.sign(&["localhost"], secure::not_yet),
            "the server's certificate is valid from 2999-12-31 on: is this machine's clock right",
        ),
        (
            authority.sign(&["a.example"], |_| ()),
            "the server's certificate is not for localhost, but for a.example: check the name",
        ),
        (
            Authority::called("another").sign(&["localhost"], |_| ()),
            "the server's certificate is signed by an authority that is not trusted here: name",
        ),
        (
            Authority::new().sign(&["localhost"], |_| ()),
            "the server's certificate is signed with another key than that of the authority",
        ),
        (
            secure::self_signed(&["localhost"], |_| ()).0,
            "the server's certificate is self-signed, so no authority vouches for it",
        ),
        (
            secure::self_signed(&["localhost"], secure::authority).0,
            "the server shows the certificate of an authority as its own",
        ),
        (
            authority.sign(&["localhost"], secure::for_clients),
            "the server shows a certificate that is not for servers",
        ),
        (
            authority.sign_for_members(&["localhost"]),
            "the server wants a certificate of this program, which has none",
        ),
    ] {
        let (url, asked) = start(config, page);
        let err = run(
            &format!("{url}/"),
            &["--ca", "ca.pem", "--ignore-robots"],
            folder.path(),
            1,
        );
        assert!(err.contains(&format!("{url}/: {words}")), "{err}");
        let err = run(&format!("{url}/"), &["--ca", "ca.pem"], folder.path(), 1);
        assert!(err.contains(words), "{err}");
        assert!(asked.lock().unwrap().is_empty());
    }
    let err = run("http://127.0.0.1:9/", &["--ca", "no.pem"], folder.path(), 1);
    assert!(err.contains("can't read no.pem"), "{err}");
}

/// Some servers end a body by closing the connection, and forget to say so. Of an answer that is
/// repaired the same is true.
#[test]
fn a_page_that_ends_without_notice() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let chunked = "Transfer-Encoding: chunked\r\n";
    for (head, body, is_whole) in [
        ("", "hello", true),
        ("Content-Length: 9\r\n", "hello", false),
        (chunked, "5\r\nhello\r\n0\r\n\r\n", true),
        (chunked, "9\r\nhello", false),
        ("An odd line\r\n", "hello", true),
        (
            "An odd line\r\nTransfer-Encoding: chunked\r\n",
            "9\r\nhello",
            false,
        ),
    ] {
        let page = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{head}\r\n{body}");
        let config = authority.sign(&["localhost"], |_| ());
        let robots = answer("HTTP/1.1 404 Not Found", "");
        let address = secure::serve_until(
            config,
            |_| (),
            move |head| match head.starts_with("GET /robots.txt ") {
                true => robots.clone(),
                false => page.clone().into(),
            },
        );
        let url = format!("https://localhost:{}/page.txt", address.port());
        let out = folder.path().join("out");
        let status = i32::from(!is_whole);
        let told = run(&url, &["--ca", "ca.pem", "tasks"], folder.path(), status);
        let files = files(&out);
        let kept = files.iter().find(|(name, _)| name.ends_with("page.txt"));
        let is_kept = kept.is_some_and(|(_, bytes)| bytes == b"hello");
        assert_eq!(is_kept, is_whole, "{head}: {told}");
        fs::remove_dir_all(out).unwrap();
    }
}

#[test]
fn a_certificate_of_the_users_own_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let (own, pem) = secure::self_signed(&["localhost"], |_| ());
    fs::write(folder.path().join("own.pem"), pem).unwrap();
    let (url, _) = start(own, |_| answer("HTTP/1.1 200 OK", "x"));
    run(&format!("{url}/"), &["--ca", "own.pem"], folder.path(), 0);
    if cfg!(target_os = "linux") {
        // Where the system's certificates are files, another file can be named.
        let mut command = scrape(&["--url", &url, "--output", "out"], folder.path());
        ended(command.env("SSL_CERT_FILE", "own.pem").output_in_time(), 0);
    }
}
