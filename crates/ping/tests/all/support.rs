//! Servers that do what a test tells them to, and the program under test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

pub fn ping(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ping"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // The environment of the tests must not matter.
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command
        .env_remove("SSL_CERT_FILE")
        .env_remove("SSL_CERT_DIR");
    command
}

#[track_caller]
pub fn ended(output: Output, status: i32) -> (String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    (out, err)
}

/// Reads a request's head. `None` if the client sent none.
pub fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

/// Starts a server that calls `talk` with each connection, on a thread of its own, until the test's
/// process ends.
pub fn raw(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let talk = Arc::new(talk);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let talk = Arc::clone(&talk);
            thread::spawn(move || talk(stream));
        }
    });
    address
}

/// Starts a server that reads a request, answers with these bytes, and closes the connection.
pub fn saying(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let answer = answer.into();
    raw(move |mut stream| {
        if head(&mut stream).is_some() {
            let _ = stream.write_all(&answer);
        }
    })
}

/// The requests that a gate server has seen: those that wait, the most that waited, and their
/// paths.
#[derive(Debug, Default)]
pub struct Gate {
    state: Mutex<(usize, usize, Vec<String>)>,
    changed: Condvar,
}

impl Gate {
    /// Starts a server that answers no request until `least` requests wait at the same time, and
    /// from then on all of them. So a client with fewer requests in flight runs into its timeout,
    /// on every machine, and the test needs no clock.
    pub fn start(least: usize) -> (SocketAddr, Arc<Self>) {
        // The server keeps many connections open, and the program raises only its own limit.
        let _ = rlimit::increase_nofile_limit(u64::MAX);
        let gate = Arc::new(Self::default());
        let ours = Arc::clone(&gate);
        let address = raw(move |mut stream| {
            let Some(head) = head(&mut stream) else {
                return;
            };
            let path = head.split(' ').nth(1).unwrap().to_owned();
            let mut state = ours.state.lock().unwrap();
            state.2.push(path);
            state.0 += 1;
            state.1 = state.1.max(state.0);
            ours.changed.notify_all();
            let mut state = ours.changed.wait_while(state, |s| s.1 < least).unwrap();
            state.0 -= 1;
            drop(state);
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        });
        (address, gate)
    }

    /// The most requests that waited at the same time.
    pub fn peak(&self) -> usize {
        self.state.lock().unwrap().1
    }

    /// The paths of the requests, in their order.
    pub fn paths(&self) -> Vec<String> {
        self.state.lock().unwrap().2.clone()
    }
}
