//! Proxies that the environment names, and names that are not ASCII.

use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use timing::limit::InTime;

#[cfg(feature = "https")]
use crate::socks;
use crate::support::{ended, head, ping, raw};

/// Starts a proxy that answers each request with this, and returns its address and the requests.
fn proxy(answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    let address = raw(move |mut stream| {
        if let Some(head) = head(&mut stream) {
            noted.lock().unwrap().push(head);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address.to_string(), asked)
}

const OK: &str = "HTTP/1.1 200 By proxy\r\nContent-Length: 0\r\n\r\n";
const WHO: &str = "HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n";

#[test]
fn a_proxy_gets_the_whole_url_and_who_asks() {
    let (address, asked) = proxy(OK);
    for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        let mut command = ping(&["tasks", "--url", "http://bücher.example/x"]);
        command.env(variable, format!("http://me:s%20t@{address}"));
        command.env("NO_PROXY", "other.example,bücher.example:81");
        let (out, _) = ended(command.output_in_time(), 0);
        assert!(out.contains("http://bücher.example/x:By proxy\n"), "{out}");
        let head = asked.lock().unwrap().pop().unwrap();
        assert!(
            head.starts_with("GET http://xn--bcher-kva.example/x HTTP/1.1\r\n"),
            "{head}"
        );
        // `me:s t` in Base64.
        let who = head
            .to_lowercase()
            .contains("proxy-authorization: basic bwu6cyb0\r\n");
        assert!(who, "{head}");
    }
}

#[test]
fn a_proxy_that_lets_nobody_through_is_told() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = nobody.local_addr().unwrap().to_string();
    drop(nobody);
    let (who, _) = proxy(WHO);
    let (no, _) = proxy("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    for (url, proxy, words) in [
        (
            "http://h.invalid/",
            who.clone(),
            format!("the proxy {who} wants a user's name and a password (407)"),
        ),
        (
            "http://h.invalid/",
            format!("me:no@{who}"),
            format!("the proxy {who} refuses this user's name"),
        ),
        (
            "http://h.invalid/",
            gone.clone(),
            format!("the proxy {gone} can't be reached"),
        ),
        (
            "https://h.invalid/",
            who.clone(),
            format!("the proxy {who} wants a user's name and a password (407)"),
        ),
        (
            "https://h.invalid/",
            no.clone(),
            format!("the proxy {no} makes no connection to h.invalid"),
        ),
        (
            "https://h.invalid/",
            gone.clone(),
            format!("the proxy {gone} can't be reached"),
        ),
    ] {
        if url.starts_with("https") && cfg!(not(feature = "https")) {
            continue;
        }
        let mut command = ping(&["tasks", "pool", "--url", url]);
        command.env("ALL_PROXY", proxy);
        let (out, _) = ended(command.output_in_time(), 1);
        let row = format!("{url}:failed: not let through ({words}");
        assert_eq!(out.matches(&row).count(), 2, "{out}");
    }
}

#[test]
fn a_proxy_that_can_not_be_used_is_refused_at_once() {
    for (proxy, words) in [
        (
            "socks4://me:secret@h:1",
            "all_proxy names a proxy for socks4, and only http and socks5 proxies",
        ),
        (
            "http://me:secret@h:x",
            "all_proxy is no proxy: http://HOST:PORT is needed",
        ),
    ] {
        let mut command = ping(&[]);
        let (_, err) = ended(command.env("all_proxy", proxy).output_in_time(), 1);
        assert!(err.contains(words) && !err.contains("secret"), "{err}");
    }
}

#[cfg(feature = "https")]
#[test]
fn a_proxy_that_speaks_socks_makes_the_connection() {
    let server = raw(|mut stream| {
        if head(&mut stream).is_some_and(|head| head.starts_with("GET /x HTTP")) {
            let _ = stream.write_all(OK.as_bytes());
        }
    });
    let (address, asked) = socks::proxy(Some(server));
    for host in ["h.invalid:81", "[2001:db8::2]:81"] {
        let url = format!("http://{host}/x");
        for (proxy, row, status) in [
            (format!("me:s%20t@{address}"), "By proxy\n".to_owned(), 0),
            (
                address.clone(),
                format!("failed: not let through (the proxy {address} wants a user's name"),
                1,
            ),
        ] {
            let mut command = ping(&["tasks", "pool", "--url", &url]);
            command.env("ALL_PROXY", format!("socks5://{proxy}"));
            let (out, _) = ended(command.output_in_time(), status);
            assert_eq!(out.matches(&format!("{url}:{row}")).count(), 2, "{out}");
        }
        assert_eq!(std::mem::take(&mut *asked.lock().unwrap()), [host; 2]);
    }
}

#[test]
fn an_ipv6_literal() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        eprintln!("skipped: this machine has no IPv6");
        return;
    };
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let head = head(&mut stream).unwrap_or_default();
            let host = head.to_lowercase().contains("host: [::1]:");
            let reason = if host { "Six" } else { "No" };
            let answer = format!("HTTP/1.1 200 {reason}\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let zone = "http://[fe80::1%25eth0]/";
    let mut command = ping(&["tasks", "pool", "--url", &url, zone]);
    command.env("http_proxy", "http://127.0.0.1:9");
    let (out, _) = ended(command.output_in_time(), 1);
    assert_eq!(out.matches(&format!("{url}:Six\n")).count(), 2, "{out}");
    let row =
        format!("{zone}:failed: not a URL to ping (a zone, as in %eth0, can't stand in a URL");
    assert_eq!(out.matches(&row).count(), 2, "{out}");
}
