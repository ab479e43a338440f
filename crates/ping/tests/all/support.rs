//! Servers that do what a test tells them, and the program with what it said.

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
    // What the machine's owner has set must not decide.
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
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

/// Reads a request's head; `false` if the guest said nothing.
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

/// A server that gives each connection to `talk`, on a thread of its own, until the test's process ends.
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

/// A server that reads a request, answers with these bytes and hangs up.
pub fn saying(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let answer = answer.into();
    raw(move |mut stream| {
        if head(&mut stream).is_some() {
            let _ = stream.write_all(&answer);
        }
    })
}

/// What the gate has seen.
#[derive(Debug, Default)]
pub struct Gate {
    state: Mutex<(usize, usize, Vec<String>)>,
    changed: Condvar,
}

impl Gate {
    /// A server that answers nobody until `least` requests wait at the same time, and from then on everybody. So
    /// whoever asks with less than that waits until its timeout, on every machine; and no clock is asked.
    pub fn start(least: usize) -> (SocketAddr, Arc<Self>) {
        // It keeps as many connections open as it was told, and the program has raised only its own limit.
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

    /// How many waited at the same time, at most.
    pub fn peak(&self) -> usize {
        self.state.lock().unwrap().1
    }

    /// The paths that were asked for, in order.
    pub fn paths(&self) -> Vec<String> {
        self.state.lock().unwrap().2.clone()
    }
}
