//! A small site on this machine, whose pages take their time: so the lesson needs no network, and a test can ask how many
//! were waiting at the same time.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, server::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// How many pages it has.
pub const PAGES: usize = 24;

/// The longest sleep that it can be asked for.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// The server, on a thread of its own. It ends when this is dropped, with all its connections.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    seen: Arc<Seen>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Seen {
    requests: AtomicUsize,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

impl Site {
    /// Starts it. Port 0 is any free port. When this returns it can be asked.
    ///
    /// # Errors
    /// If it can't listen there.
    pub fn start(address: SocketAddr) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("can't build a runtime")?;
        let failed = || format!("can't listen on {address}");
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .with_context(failed)?;
        let address = listener.local_addr().with_context(failed)?;
        let seen = Arc::new(Seen::default());
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, Arc::clone(&seen));
        let thread = thread::Builder::new()
            .name("site".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = serving => (),
                        // An error says that the sender is gone, which means the same.
                        _ = stopped => (),
                    }
                });
            })
            .context("can't start a thread for the site")?;
        Ok(Self {
            address,
            seen,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URLs of all its pages.
    pub fn urls(&self) -> Vec<String> {
        (0..PAGES)
            .map(|page| format!("http://{}/page{page}?sleep={}", self.address, latency(page)))
            .collect()
    }

    /// How many requests it got.
    pub fn requests(&self) -> usize {
        self.seen.requests.load(Relaxed)
    }

    /// How many requests were waiting for their answer at the same time, at most.
    pub fn peak(&self) -> usize {
        self.seen.peak.load(Relaxed)
    }

    /// Serves until the process ends.
    pub fn serve_for_ever(mut self) {
        let thread = self.thread.take().expect("it is taken here only");
        let _ = thread.join();
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// How long a page takes, in milliseconds: from 40 to 210, always the same for the same page, and 3 s for all of them.
pub fn latency(page: usize) -> u64 {
    40 + (page as u64 * 71) % 171
}

async fn serve(listener: TcpListener, seen: Arc<Seen>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(talk(stream, Arc::clone(&seen)))),
            // The guest is gone already, or there are no more files to open: others may end meanwhile.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// One connection, to its end. That a guest leaves early is its own affair.
async fn talk(stream: TcpStream, seen: Arc<Seen>) {
    let service = service_fn(move |request| respond(request, Arc::clone(&seen)));
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Counts a request from its arrival until its answer is ready or its guest is gone.
struct InFlight(Arc<Seen>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

async fn respond(
    request: Request<Incoming>,
    seen: Arc<Seen>,
) -> Result<Response<String>, Infallible> {
    seen.requests.fetch_add(1, Relaxed);
    let now = seen.in_flight.fetch_add(1, Relaxed) + 1;
    seen.peak.fetch_max(now, Relaxed);
    let _in_flight = InFlight(seen);
    let query = request.uri().query().unwrap_or_default();
    let sleep = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("sleep="));
    if let Some(ms) = sleep.and_then(|ms| ms.parse().ok()) {
        tokio::time::sleep(Duration::from_millis(ms).min(LONGEST_SLEEP)).await;
    }
    let path = request.uri().path().trim_matches('/');
    let (status, body) = match (path, path.strip_prefix("page"), path.parse::<u16>()) {
        ("", ..) => (200, (0..PAGES).map(link).collect()),
        (_, Some(number), _) => match number.parse() {
            Ok(number) if number < PAGES => (200, page(number)),
            _ => (404, format!("no page {number}\n")),
        },
        // As the site that the course asks: `/404` is a 404.
        (_, _, Ok(code)) if (200..=599).contains(&code) => (code, describe(code)),
        _ => (404, format!("no page {path}\n")),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).expect("200 to 599");
    Ok(response)
}

fn link(page: usize) -> String {
    format!(
        "<a href=\"/page{page}?sleep={}\">page {page}</a>\n",
        latency(page)
    )
}

/// A page of some kilobytes, not all of one length.
fn page(number: usize) -> String {
    let mut text =
        format!("<!doctype html>\n<title>Page {number}</title>\n<h1>Page {number}</h1>\n");
    for line in 0..200 * (number % 5 + 1) {
        text += &format!("<p>Line {line} of page {number}.</p>\n");
    }
    text + &link((number + 1) % PAGES)
}

fn describe(code: u16) -> String {
    let name = StatusCode::from_u16(code)
        .ok()
        .and_then(|status| status.canonical_reason());
    match code {
        524 => "524 A Timeout Occurred".to_owned(),
        204 | 205 | 304 => String::new(),
        _ => format!("{code} {}", name.unwrap_or("Unknown Code")),
    }
}
