//! A web request and a ping in slow motion, by hand over TCP: look up the name, connect, send,
//! wait, receive.
//!
//!     cargo run -p ping --example web_request

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use timing::cli::{self, Options, Report};
use timing::{Arrow, Look, Run, Timeline};

/// What the server has, and how long it thinks before it gives it away.
const PAGE: usize = 1 << 17;
const THINKS: Duration = Duration::from_micros(300);

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let mut report = Report::default();
    let mut look = Look {
        arrow: "the request, and the response".to_owned(),
        ..Look::default()
    };
    // A ping wants to know if somebody answers, and leaves the page where it is.
    for (name, method) in [("web request", "GET"), ("ping", "HEAD")] {
        cli::print(&format!("--- {name} ---\n"))?;
        let listener = TcpListener::bind("127.0.0.1:0").context("can't listen")?;
        let port = listener.local_addr()?.port();
        let (bytes, run) = Run::record(name, 2, |timeline| {
            thread::scope(|scope| {
                let mut lane = timeline.lane("client");
                scope.spawn(|| serve(&listener, timeline));
                ask(method, port, &mut lane)
            })
        });
        look.arrows.extend(arrows(&run));
        report.add(run.outcome(format!("a body of {} KiB", bytes? >> 10)));
    }
    report.look(look);
    report.publish(&args.options)?;
    Ok(true)
}

/// The request on its way to the server, and the response on its way back.
fn arrows(run: &Run) -> Vec<Arrow> {
    let begin = |row: &str, label: &str| {
        let rows = &run.recording.rows;
        let spans = &rows.iter().find(|other| other.name == row)?.spans;
        let span = spans.iter().find(|span| span.label == label)?;
        Some((row.to_owned(), Duration::from_nanos(span.start_ns)))
    };
    let arrow = |(from, first), (to, second)| {
        Some(Arrow {
            run: run.name.clone(),
            from: begin(from, first)?,
            to: begin(to, second)?,
        })
    };
    let request = arrow(("client", "send"), ("server", "read"));
    let response = arrow(("server", "answer"), ("client", "receive"));
    request.into_iter().chain(response).collect()
}

/// Asks for the page, and returns how many bytes its body had.
fn ask(method: &str, port: u16, lane: &mut timing::Lane) -> Result<usize> {
    let looking = lane.wait("DNS");
    let found = ("localhost", port).to_socket_addrs();
    let address = found.ok().and_then(|mut all| all.find(SocketAddr::is_ipv4));
    drop(looking);
    // Where localhost has no such address the server is there all the same, and waits.
    let address = address.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, port).into());
    let connecting = lane.wait("connect");
    let mut stream = TcpStream::connect(address)?;
    drop(connecting);
    let request = format!("{method} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let sending = lane.work("send");
    stream.write_all(request.as_bytes())?;
    drop(sending);
    let waiting = lane.wait("wait");
    stream.peek(&mut [0])?;
    drop(waiting);
    let receiving = lane.work("receive");
    let mut answer = Vec::with_capacity(PAGE + 1024);
    stream.read_to_end(&mut answer)?;
    drop(receiving);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.context("no whole answer")? + 4);
    // As curl -v shows them: what was sent, what came.
    for (mark, text) in [(">", &*request), ("<", &String::from_utf8_lossy(head))] {
        for line in text.lines() {
            cli::print(&format!("{mark} {line}\n"))?;
        }
    }
    Ok(body.len())
}

/// Serves one guest.
fn serve(listener: &TcpListener, timeline: &Timeline) -> Result<()> {
    let mut lane = timeline.lane("server");
    let waiting = lane.wait("listen");
    let (mut stream, _) = listener.accept()?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().context("the guest is gone")??;
    drop(waiting);
    let reading = lane.work("read");
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    drop(reading);
    let thinking = lane.wait("disk");
    thread::sleep(THINKS);
    drop(thinking);
    let _answering = lane.work("answer");
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {PAGE}\r\n\r\n"
    )?;
    if request.starts_with("GET") {
        stream.write_all(&vec![b'.'; PAGE])?;
    }
    Ok(())
}
