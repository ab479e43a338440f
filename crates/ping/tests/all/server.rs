//! The server that plays httpstat.us, asked byte by byte.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use ping::server::{self, Server};

fn start() -> Server {
    Server::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap()
}

/// The whole answer to a request that asks for the connection to be closed after it.
fn ask(server: &Server, method: &str, path: &str, header: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The codes that are registered with IANA, but for 104 (which expires), 306 and 418 (unused).
const REGISTERED: [u16; 61] = [
    100, 101, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304,
    305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415,
    416, 417, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 506,
    507, 508, 510, 511,
];

#[test]
fn every_registered_status_has_its_name_and_its_body() {
    let server = start();
    for code in REGISTERED.into_iter().chain([418, 524]) {
        let name = server::description(code);
        assert_ne!(name, "Unknown Code", "{code}");
        let answer = ask(&server, "GET", &format!("/{code}"), "");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            head.lines().next().unwrap(),
            format!("HTTP/1.1 {code} {name}")
        );
        match code {
            101 | 204 | 205 | 304 => assert_eq!(body, "", "{code}"),
            // An announcement, and then the answer.
            100..200 => assert!(body.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}"),
            _ => assert_eq!(body, format!("{code} {name}")),
        }
    }
    assert_eq!(server::description(524), "A Timeout Occurred");
}

#[test]
fn headers_without_which_a_status_makes_no_sense() {
    let server = start();
    for (code, header) in [
        (301, "location: /"),
        (302, "location: /"),
        (303, "location: /"),
        (307, "location: /"),
        (308, "location: /"),
        (401, "www-authenticate: Basic"),
        (429, "retry-after: 5"),
        (503, "retry-after: 5"),
    ] {
        let answer = ask(&server, "GET", &format!("/{code}"), "");
        assert!(answer.contains(header), "{answer}");
    }
    assert!(!ask(&server, "GET", "/300", "").contains("location"));
}

#[test]
fn json_for_who_asks_for_it() {
    let server = start();
    let answer = ask(&server, "GET", "/404", "Accept: application/json\r\n");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: application/json"), "{head}");
    let value: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        value,
        serde_json::json!({"code": 404, "description": "Not Found"})
    );
}

#[test]
fn one_of_several_at_random() {
    let server = start();
    let mut seen = std::collections::BTreeSet::new();
    // Each of the four is missed by a run of 200 with a probability of 1 in 10^24.
    for _ in 0..200 {
        let answer = ask(&server, "GET", "/200,500-502", "");
        seen.insert(answer[9..12].parse::<u16>().unwrap());
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [200, 500, 501, 502]);
}

#[test]
fn what_is_no_status_is_not_found() {
    let server = start();
    for path in [
        "/x",
        "/99",
        "/1000",
        "/200,",
        "/300-200",
        "/-5",
        "/20000000000",
        "/200/200",
    ] {
        let answer = ask(&server, "GET", path, "");
        assert!(
            answer.starts_with("HTTP/1.1 404 Not Found\r\n"),
            "{path}: {answer}"
        );
        assert!(answer.contains("no status: "), "{path}: {answer}");
    }
    assert!(ask(&server, "GET", "/299", "").starts_with("HTTP/1.1 299 Unknown Code\r\n"));
    assert!(ask(&server, "GET", "/", "").contains("/200?sleep=2000"));
    assert!(ask(&server, "GET", "/200?sleep=soon&x", "").ends_with("200 OK"));
}

#[test]
fn head_is_answered_without_a_body() {
    let server = start();
    let answer = ask(&server, "HEAD", "/404", "");
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    assert!(answer.contains("content-length: 13"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn requests_follow_each_other_on_one_connection() {
    let server = start();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let mut seen = String::new();
    for path in ["/201", "/404", "/103"] {
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut part = [0; 4096];
        while !seen.contains(match path {
            "/201" => "201 Created\r\n",
            "/404" => "404 Not Found\r\n",
            _ => "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK",
        }) {
            let read = stream.read(&mut part).unwrap();
            assert_ne!(read, 0, "{seen}");
            seen += std::str::from_utf8(&part[..read]).unwrap();
        }
    }
    assert_eq!(server.requests(), 3);
    assert_eq!(server.peak(), 1);
}

#[test]
fn it_ends_with_its_guests() {
    let server = start();
    let address = server.address();
    let mut guest = TcpStream::connect(address).unwrap();
    guest
        .write_all(b"GET /200?sleep=300000 HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    while server.requests() == 0 {
        std::thread::yield_now();
    }
    drop(server);
    let mut rest = Vec::new();
    assert!(matches!(guest.read_to_end(&mut rest), Ok(0) | Err(_)));
    assert!(TcpStream::connect(address).is_err());
}
