//! Ways through the network: proxies, IPv6, names that are not ASCII, and private addresses.

use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use async_scrape::Strategy;
use async_scrape::client::Settings;
use timing::Timeline;
use timing::limit::InTime;

use crate::heads::{answers, bytes};
use crate::list::{head, raw};
#[cfg(feature = "https")]
use crate::secure::{self, Authority};
#[cfg(feature = "https")]
use crate::socks;
use crate::{Crawling, ended, files, of, scrape};

fn page(head: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/{head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Starts a proxy that answers itself, or makes connections to this server whatever the request
/// says. Returns its address, and the heads of the requests.
fn proxy(to: Option<SocketAddr>) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    let address = raw(move |mut client| {
        let Some(head) = head(&mut client) else {
            return;
        };
        noted.lock().unwrap().push(head.clone());
        let is_known = head
            .to_lowercase()
            .contains("proxy-authorization: basic bwu6cyb0\r\n");
        let Some(to) = to.filter(|_| is_known) else {
            let _ = client.write_all(&page("1.1 407 Who", ""));
            return;
        };
        let mut server = TcpStream::connect(to).unwrap();
        match head.starts_with("CONNECT ") {
            true => client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap(),
            false => server.write_all(head.as_bytes()).unwrap(),
        }
        let (mut from, mut into) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut into);
            let _ = into.shutdown(Shutdown::Both);
        });
        let _ = io::copy(&mut client, &mut server);
    });
    (address.to_string(), asked)
}

fn set(command: &mut Command, name: &str, value: &str) {
    command.env(name, value);
}

/// Crawls one page and its links in this folder. Returns what is printed on both streams.
#[track_caller]
fn run(
    url: &str,
    folder: &std::path::Path,
    change: impl Fn(&mut Command),
    status: i32,
) -> (String, String) {
    let arguments = ["--output", "out", "--retries", "0", "--url", url];
    let mut command = scrape(&arguments, folder);
    change(&mut command);
    ended(command.output_in_time(), status)
}

#[test]
fn a_proxy_is_asked_for_pages_whose_heads_are_repaired_too() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _) = answers(|head| match head.split(' ').nth(1).unwrap() {
        "http://xn--bcher-kva.example/" => {
            page("1.1 200 OK\r\nContent-Type: text/html", "<a href=b?c>")
        }
        // The HTTP library refuses this head.
        "http://xn--bcher-kva.example/b?c" => page("1.2 200 OK", "odd"),
        _ => page("1.1 404 No", ""),
    });
    let (address, asked) = proxy(Some(server["http://".len()..].parse().unwrap()));
    let with =
        |command: &mut Command| set(command, "http_proxy", &format!("http://me:s%20t@{address}"));
    let (out, _) = run("http://BÜCHER.example/", folder.path(), with, 0);
    // People read the name as they write it.
    assert!(
        out.contains(" bücher.example ") && !out.contains("xn--"),
        "{out}"
    );
    let files = files(&folder.path().join("out"));
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["bücher.example/b%3Fc", "bücher.example/index.html"]);
    let heads = asked.lock().unwrap();
    assert!(heads.iter().all(|head| {
        head.to_lowercase()
            .contains("\r\nhost: xn--bcher-kva.example\r\n")
    }));
}

#[cfg(feature = "https")]
#[test]
fn a_tunnel_leads_through_a_proxy() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let server = secure::serve(authority.sign(&["h.example"], |_| ()), |head| {
        match head.split(' ').nth(1).unwrap() {
            "/" => page("1.1 200 OK\r\nContent-Type: text/html", "<a href=b>"),
            "/b" => page("1.2 200 OK", "odd"),
            _ => page("1.1 404 No", ""),
        }
    });
    let (address, asked) = proxy(Some(server));
    let url = "https://h.example/";
    let with = |command: &mut Command| {
        command
            .args(["--ca", "ca.pem"])
            .env("HTTPS_PROXY", format!("http://me:s%20t@{address}"));
    };
    run(url, folder.path(), with, 0);
    assert_eq!(files(&folder.path().join("out")).len(), 2);
    let heads = std::mem::take(&mut *asked.lock().unwrap());
    assert!(
        heads
            .iter()
            .all(|head| head.starts_with("CONNECT h.example:443 ")),
        "{heads:?}"
    );
    // It refuses those that it does not know.
    for (user, words) in [
        ("", "wants a user's name and a password (407)"),
        ("me:x@", "refuses this user's name or password (407)"),
    ] {
        let with = |command: &mut Command| set(command, "all_proxy", &format!("{user}{address}"));
        for url in [url, "http://h.example/"] {
            let (_, err) = run(url, folder.path(), with, 1);
            assert!(
                err.contains(&format!("the proxy {address} {words}")),
                "{err}"
            );
        }
    }
    let nobody = |command: &mut Command| set(command, "all_proxy", "127.0.0.1:9");
    for url in [url, "http://h.example/"] {
        let (_, err) = run(url, folder.path(), nobody, 1);
        assert!(
            err.contains("the proxy 127.0.0.1:9 can't be reached"),
            "{err}"
        );
    }
}

#[cfg(feature = "https")]
#[test]
fn a_proxy_that_speaks_socks_looks_up_names() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    // The HTTP library refuses the head of the second page.
    let answer = |head: &str| match head.split(' ').nth(1).unwrap() {
        "/" => page("1.1 200 OK\r\nContent-Type: text/html", "<a href=b>"),
        "/b" => page("1.2 200 OK", "odd"),
        _ => page("1.1 404 No", ""),
    };
    let encrypted = secure::serve(authority.sign(&["h.example"], |_| ()), answer);
    let plain = answers(answer).0["http://".len()..].parse().unwrap();
    for (url, server, port) in [
        ("https://h.example/", encrypted, 443),
        ("http://h.example/", plain, 80),
    ] {
        let (address, asked) = socks::proxy(Some(server));
        let folder = tempfile::tempdir_in(folder.path()).unwrap();
        for scheme in ["socks5", "socks5h"] {
            let with = |command: &mut Command| {
                command.args(["--ca", "../ca.pem"]);
                set(
                    command,
                    "all_proxy",
                    &format!("{scheme}://me:s%20t@{address}"),
                );
            };
            run(url, folder.path(), with, 0);
            assert_eq!(files(&folder.path().join("out")).len(), 2);
            let asked = std::mem::take(&mut *asked.lock().unwrap());
            let all = asked
                .iter()
                .all(|host| *host == format!("h.example:{port}"));
            assert!(all && asked.len() >= 3, "{asked:?}");
        }
        let (no, _) = socks::proxy(None);
        for (proxy, words) in [
            (
                &*address,
                format!("{address} wants a user's name and a password: "),
            ),
            (
                &format!("me:no@{address}"),
                format!("{address} refuses this user's name"),
            ),
            (
                &format!("me:s%20t@{no}"),
                format!("{no} makes no connection to h.example"),
            ),
            ("127.0.0.1:9", "127.0.0.1:9 can't be reached".to_owned()),
        ] {
            let with =
                |command: &mut Command| set(command, "ALL_PROXY", &format!("socks5://{proxy}"));
            let (_, err) = run(url, folder.path(), with, 1);
            assert!(err.contains(&format!("the proxy {words}")), "{err}");
        }
    }
}

#[test]
fn a_proxy_is_not_asked_for_what_no_proxy_says() {
    let (server, _) = bytes(|_| page("1.1 200 OK", "x"));
    let port = server.rsplit(':').next().unwrap();
    for (no_proxy, status) in [
        ("*", 0),
        ("127.0.0.1", 0),
        ("127.0.0.0/8", 0),
        (&format!("127.0.0.1:{port}"), 0),
        ("127.0.0.1:9", 1),
        ("localhost,.example", 1),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let with = |command: &mut Command| {
            command
                .env("http_proxy", "http://127.0.0.1:9")
                .env("NO_PROXY", no_proxy);
        };
        run(&server, folder.path(), with, status);
    }
}

/// Starts a site of two pages on `[::1]`. The HTTP library refuses the head of the second.
fn on_ipv6() -> Option<SocketAddr> {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        eprintln!("skipped: this machine has no IPv6");
        return None;
    };
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let Some(head) = head(&mut stream) else {
                continue;
            };
            let is_right = head.to_lowercase().contains("\r\nhost: [::1]:");
            let _ = stream.write_all(&match head.split(' ').nth(1).unwrap() {
                "/" if is_right => page("1.1 200 OK\r\nContent-Type: text/html", "<a href=b>"),
                "/b" if is_right => page("1.2 200 OK", "odd"),
                _ => page("1.1 404 No", ""),
            });
        }
    });
    Some(address)
}

#[cfg(feature = "https")]
#[test]
fn a_proxy_that_speaks_socks_connects_to_ipv6_addresses() {
    let Some(server) = on_ipv6() else { return };
    let (address, asked) = socks::proxy(Some(server));
    let folder = tempfile::tempdir().unwrap();
    let with = |command: &mut Command| {
        let proxy = format!("socks5://me:s%20t@{address}");
        set(command, "all_proxy", &proxy);
    };
    run(&format!("http://{server}/"), folder.path(), with, 0);
    assert_eq!(files(&folder.path().join("out")).len(), 2);
    let asked = asked.lock().unwrap();
    let all = asked.iter().all(|host| *host == server.to_string());
    assert!(all && asked.len() >= 3, "{asked:?}");
}

#[test]
fn why_a_page_is_lost_is_told_in_plain_words() {
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
    let sends = |answer: String| {
        raw(move |mut client| {
            if head(&mut client).is_some() {
                let _ = client.write_all(answer.as_bytes());
            }
        })
    };
    for (address, words) in [
        ("127.0.0.1:9".to_owned(), "the server refuses connections ("),
        (
            sends(String::new()).to_string(),
            "the connection ended before the answer did (",
        ),
        (
            sends("\x16\x03\x01 ?\r\n\r\n".to_owned()).to_string(),
            "the answer is not HTTP (",
        ),
        (
            sends(format!("{page}Content-Length: 9\r\n\r\nabc")).to_string(),
            "the page was cut short (",
        ),
        (
            sends(format!("{page}Transfer-Encoding: chunked\r\n\r\n9\r\nabc")).to_string(),
            "the page was cut short (",
        ),
        (
            sends(format!("{page}Transfer-Encoding: chunked\r\n\r\n?\r\nabc")).to_string(),
            "the page's chunks can't be read (",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("http://{address}/");
        let arguments = ["--url", &url, "--ignore-robots", "--retries", "0", "tasks"];
        let mut command = scrape(&arguments, folder.path());
        let (_, err) = ended(command.output_in_time(), 1);
        assert!(
            err.starts_with(&format!("error: tasks: {url}: {words}")),
            "{words}: {err}"
        );
        assert_eq!(err.lines().count(), 1, "{err}");
    }
}

#[test]
fn an_ipv6_literal() {
    let Some(address) = on_ipv6() else { return };
    let folder = tempfile::tempdir().unwrap();
    run(&format!("http://{address}/"), folder.path(), |_| (), 0);
    // Windows allows no colon in a name.
    let port = address.port();
    for name in ["b", "index.html"] {
        let path = folder.path().join(format!("out/[%3A%3A1]%3A{port}/{name}"));
        assert!(path.is_file(), "{path:?}");
    }
    let (_, err) = run("http://[fe80::1%25eth0]/", folder.path(), |_| (), 1);
    assert!(
        err.contains("a zone, as in %eth0, can't stand in a URL"),
        "{err}"
    );
}

#[test]
fn a_redirect_does_not_lead_to_a_private_address() {
    let (server, asked) = bytes(|path| match path.split_once("?to=") {
        Some((_, to)) => page(&format!("1.1 302 Found\r\nLocation: {to}"), ""),
        None => page("1.1 200 OK", "secret"),
    });
    let port: u16 = server.rsplit(':').next().unwrap().parse().unwrap();
    let by_name = format!("http://localhost:{port}");
    for (to, words) in [
        (
            format!("{server}/x"),
            "127.0.0.1 is a private address, to which no page may lead",
        ),
        (
            format!("http://2130706433:{port}/x"),
            "127.0.0.1 is a private address",
        ),
        (
            format!("http://[::ffff:7f00:1]:{port}/x"),
            "::ffff:127.0.0.1 is a private address",
        ),
        (format!("http://[::1]:{port}/x"), "::1 is a private address"),
        (
            "http://169.254.169.254/x".to_owned(),
            "169.254.169.254 is a private address",
        ),
        ("http://0/x".to_owned(), "0.0.0.0 is a private address"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        fs::write(&list, format!("{by_name}/?to={to}\n")).unwrap();
        let arguments = ["--urls", "list", "--output", "out"];
        let mut command = scrape(&arguments, folder.path());
        let (_, err) = ended(command.output_in_time(), 1);
        assert!(
            err.contains(words) && err.contains("--allow-private"),
            "{err}"
        );
        assert!(
            !asked
                .lock()
                .unwrap()
                .iter()
                .any(|head| head.starts_with("GET /x"))
        );
    }
    // The user may go there.
    for (list, more) in [
        (
            format!("{by_name}/?to={server}/x"),
            &["--allow-private"][..],
        ),
        (format!("{by_name}/?to={server}/x\n{server}/y"), &[]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("list"), list).unwrap();
        let arguments = [&["--urls", "list", "--output", "out"], more].concat();
        ended(scrape(&arguments, folder.path()).output_in_time(), 0);
    }
}

/// A proxy in the user's own network is asked, but no page may lead to its address.
#[test]
fn the_address_of_a_proxy_stays_private() {
    let (server, asked) = answers(|head| {
        let target = head.split(' ').nth(1).unwrap();
        match target.strip_prefix("http://h.example/?to=") {
            Some(to) => page(&format!("1.1 302 Found\r\nLocation: {to}"), ""),
            None => page("1.1 200 OK", "secret"),
        }
    });
    let to = server["http://".len()..].parse().unwrap();
    let proxy = |name: &str| {
        let (address, _) = proxy(Some(to));
        format!("http://me:s%20t@{}", address.replace("127.0.0.1", name))
    };
    for name in ["127.0.0.1", "localhost"] {
        let proxy = proxy(name);
        let folder = tempfile::tempdir().unwrap();
        let list = format!("http://h.example/\nhttp://h.example/?to={server}/x\n");
        fs::write(folder.path().join("list"), list).unwrap();
        let mut command = scrape(&["--urls", "list", "--output", "out"], folder.path());
        set(&mut command, "http_proxy", &proxy);
        let (_, err) = ended(command.output_in_time(), 1);
        assert!(err.contains("127.0.0.1 is a private address"), "{err}");
        assert_eq!(files(&folder.path().join("out")).len(), 1);
        let asked = std::mem::take(&mut *asked.lock().unwrap());
        assert_eq!(asked.len(), 2, "{asked:?}");
    }
}

#[test]
fn a_name_does_not_lead_to_a_private_address() {
    // Every name is this machine's, which the user knows of only one.
    let lookup = |_: &str| Ok(vec![Ipv4Addr::LOCALHOST.into()]);
    let (server, asked) = answers(|head| match head.contains("\r\nhost: inner.test:") {
        false => page(
            "1.1 302 Found\r\nLocation: http://inner.test:PORT/x"
                .replace(
                    "PORT",
                    head.split("outer.test:")
                        .nth(1)
                        .unwrap()
                        .split('\r')
                        .next()
                        .unwrap(),
                )
                .as_str(),
            "",
        ),
        true => page("1.2 200 OK", "secret"),
    });
    let port: u16 = server.rsplit(':').next().unwrap().parse().unwrap();
    for private in [false, true] {
        let crawling = Crawling {
            settings: Settings {
                lookup,
                private,
                ..Crawling::default().settings
            },
            ..Crawling::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let (job, entries) = crawling.list(&[format!("http://outer.test:{port}/")], folder.path());
        Strategy::Tasks.run(&job, &Timeline::off()).unwrap();
        let entries = entries.lock().unwrap();
        let error = of(&entries, "/").error.as_deref();
        let refused = "inner.test has the private address 127.0.0.1, to which no page may lead: --allow-private allows it";
        assert_eq!(error, (!private).then_some(refused));
        let was_asked = asked
            .lock()
            .unwrap()
            .iter()
            .any(|head| head.starts_with("GET /x"));
        assert_eq!(was_asked, private);
    }
}
