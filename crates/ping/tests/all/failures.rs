//! A row for each ping that fails, with its whole cause: servers that misbehave on purpose.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;
use timing::limit::InTime;

use crate::support::{ended, head, ping, raw, saying};

/// What one URL's row says after the URL, by each strategy; it must be the same for all.
#[track_caller]
fn row(url: &str, more: &[&str], status: i32) -> String {
    let mut arguments = vec!["--url", url];
    arguments.extend(more);
    let (out, _) = ended(ping(&arguments).output_in_time(), status);
    let prefix = format!("{url}:");
    let rows: Vec<_> = out
        .lines()
        .filter_map(|line| line.strip_prefix(&prefix))
        .collect();
    assert_eq!(rows.len(), 4, "{out}");
    // The blocking client's words for a timeout differ.
    let kinds: Vec<_> = rows
        .iter()
        .map(|row| row.split(" (").next().unwrap())
        .collect();
    assert!(kinds.iter().all(|kind| *kind == kinds[0]), "{out}");
    rows[3].to_owned()
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}/")
}

#[track_caller]
fn failed(row: &str, kind: &str, cause: &str) {
    assert!(row.starts_with(&format!("failed: {kind} (")), "{row}");
    assert!(row.contains(cause), "{row}");
}

#[test]
fn refused() {
    // A port that is bound and not listened on: no other program can get it.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket
        .bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())
        .unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    failed(
        &row(&url(address), &[], 1),
        "connection refused",
        "os error",
    );
}

#[test]
fn a_name_without_an_address() {
    // No part of a name may be longer than 63 characters, so no resolver asks anybody for this one.
    let url = format!("http://{}.test/", "a".repeat(64));
    // Windows says it in other words.
    let cause = match cfg!(windows) {
        true => "os error",
        false => "failed to lookup address information",
    };
    failed(&row(&url, &[], 1), "no address for this name", cause);
}

#[test]
fn reset() {
    let address = raw(|mut stream| {
        head(&mut stream);
        let socket = socket2::Socket::from(stream);
        // Closed with data unsent and no time to linger: the other side gets a reset.
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    });
    // Windows says it in other words.
    let cause = match cfg!(windows) {
        true => "os error 10054",
        false => "reset by peer",
    };
    failed(&row(&url(address), &[], 1), "connection reset", cause);
}

#[test]
fn hung_up_before_an_answer() {
    let address = saying("");
    failed(&row(&url(address), &[], 1), "answer cut short", "");
}

#[test]
fn a_body_cut_short() {
    let address = saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    failed(
        &row(&url(address), &[], 1),
        "answer cut short",
        "end of file",
    );
    let address = saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nonly this");
    failed(&row(&url(address), &[], 1), "answer cut short", "");
}

#[test]
fn a_garbage_status_line() {
    for garbage in [
        "HTTP/1.1 OK 200\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
    ] {
        let address = saying(garbage);
        failed(
            &row(&url(address), &[], 1),
            "not an HTTP answer",
            "invalid HTTP",
        );
    }
}

#[test]
fn odd_headers_are_no_failure() {
    let many = "Set-Cookie: a=b\r\n".repeat(500);
    for header in [
        "X: a\r\n b\r\n\tc\r\n",
        "X : a\r\n",
        "no colon\r\n",
        "(a b): c\r\n",
        "X: \u{1}\u{1b}[31m\r\n",
        &many,
    ] {
        let address = saying(format!(
            "HTTP/1.1 200 OK\r\n{header}Content-Length: 0\r\n\r\n"
        ));
        assert_eq!(row(&url(address), &[], 0), "OK", "{header}");
    }
}

#[test]
fn reason_phrases_as_they_come() {
    for (line, expected) in [
        ("HTTP/1.1 404 Kein Glück".as_bytes(), "Not Found"),
        (b"HTTP/1.1 404 Gl\xfcck", "Not Found"),
        (b"HTTP/1.1 404 ", "Not Found"),
        (b"HTTP/1.1 404", "Not Found"),
        (b"HTTP/1.1 799 ", "(no reason given)"),
        (b"HTTP/1.1 200 Fine, thanks", "Fine, thanks"),
        (b"HTTP/1.0 200 a\tb", "a b"),
    ] {
        let mut answer = line.to_vec();
        answer.extend(b"\r\nContent-Length: 0\r\n\r\n");
        let text = String::from_utf8_lossy(line).into_owned();
        assert_eq!(row(&url(saying(answer)), &[], 0), expected, "{text}");
    }
}

#[test]
fn no_answer_in_time() {
    let (keep, kept) = mpsc::channel();
    let address = raw(move |stream| keep.send(stream).unwrap());
    failed(
        &row(&url(address), &["--timeout", "200ms"], 1),
        "no complete answer in time",
        "",
    );
    drop(kept);
}

#[test]
fn a_byte_now_and_then_does_not_stretch_the_time() {
    let address = raw(|mut stream| {
        head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        // The body never ends: a timeout that began again with each byte would never end the ping.
        while stream.write_all(b".").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    failed(
        &row(&url(address), &["--timeout", "300ms"], 1),
        "no complete answer in time",
        "",
    );
}

/// Linux does not answer when too many connections wait to be taken.
#[cfg(target_os = "linux")]
#[test]
fn no_connection_in_time() {
    use std::io::ErrorKind;
    use std::net::TcpStream;
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket
        .bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())
        .unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let mut waiting = Vec::new();
    loop {
        match TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
            Ok(stream) => waiting.push(stream),
            Err(error) if error.kind() == ErrorKind::TimedOut => break,
            Err(error) => panic!("{error}"),
        }
    }
    failed(
        &row(&url(address), &["--connect-timeout", "200ms"], 1),
        "no connection in time",
        "",
    );
}

#[test]
fn an_endless_body_is_left_after_a_mebibyte() {
    let sent = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&sent);
    let address = raw(move |mut stream| {
        head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 65_536]).is_ok() {
            counted.fetch_add(65_536, Ordering::Relaxed);
        }
    });
    assert_eq!(row(&url(address), &[], 0), "OK (body cut off at 1 MiB)");
    // Four strategies; what lies in the system's buffers comes on top.
    assert!(sent.load(Ordering::Relaxed) >= 4 << 20);
    assert!(sent.load(Ordering::Relaxed) < 200 << 20);
}

#[test]
fn a_circle_of_redirects() {
    let address = saying("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
    failed(&row(&url(address), &[], 1), "too many redirects", "");
    assert_eq!(row(&url(address), &["--redirects", "0"], 0), "Found");
}

#[test]
fn what_is_no_url_to_ping() {
    for (text, cause) in [
        ("http://", "empty host"),
        ("http://a b/", "invalid"),
        ("http://127.0.0.1:99999/", "invalid port"),
        ("127.0.0.1/200", "try http://127.0.0.1/200"),
        ("localhost:8099/200", "try http://localhost:8099/200"),
        ("ftp://127.0.0.1/", "the scheme is ftp"),
        ("file:///etc/passwd", "the scheme is file"),
    ] {
        failed(&row(text, &[], 1), "not a URL to ping", cause);
    }
}

/// A list may come from somebody else.
#[test]
fn no_url_commands_a_terminal() {
    for (text, printed) in [
        ("no\x1b[31mx", "no [31mx"),
        ("http://h\x1b]0;x\x07/", "http://h ]0;x /"),
        ("http://h/\u{9b}31m", "http://h/ 31m"),
    ] {
        let mut command = ping(&["tasks", "pool", "--url", text]);
        // Nobody answers, and what is printed is meant for a terminal.
        command.env("http_proxy", "http://127.0.0.1:9");
        command.env("CLICOLOR_FORCE", "1");
        let (out, _) = ended(command.output_in_time(), 1);
        let row = format!("{printed}:failed: ");
        assert_eq!(out.matches(&row).count(), 2, "{}", out.escape_debug());
    }
}

#[cfg(not(feature = "https"))]
#[test]
fn a_build_without_https_says_what_to_do() {
    let row = row("https://127.0.0.1/", &[], 1);
    failed(
        &row,
        "no secure connection",
        "build it with --features https",
    );
}

#[test]
fn proxies_in_the_environment_do_not_get_what_is_here() {
    let address = saying("HTTP/1.1 200 Direct\r\nContent-Length: 0\r\n\r\n");
    let proxy = saying("HTTP/1.1 200 By proxy\r\nContent-Length: 0\r\n\r\n");
    let far = "http://nowhere.invalid/";
    for near in [
        url(address),
        format!("http://localhost:{}/", address.port()),
    ] {
        let mut command = ping(&["tasks", "pool", "--url", &near, far]);
        command.env("http_proxy", format!("http://{proxy}"));
        let (out, _) = ended(command.output_in_time(), 0);
        assert_eq!(out.matches(&format!("{near}:Direct\n")).count(), 2, "{out}");
        assert_eq!(
            out.matches(&format!("{far}:By proxy\n")).count(),
            2,
            "{out}"
        );
    }
}

#[test]
fn the_embedded_server_bypasses_them_too() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let mut command = ping(&["tasks", "threads"]);
    command.env("http_proxy", &proxy).env("ALL_PROXY", &proxy);
    let (out, _) = ended(command.output_in_time(), 0);
    assert_eq!(
        out.matches("http://httpstat.us/404:Not Found\n").count(),
        2,
        "{out}"
    );
}
