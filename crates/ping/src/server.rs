//! A server that behaves like `httpstat.us`: it answers with the status and after the sleep that
//! the URL asks for. So the lesson needs no network, and a test can ask how many requests were in
//! flight.
//!
//! hyper speaks HTTP; this file decides what to answer.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::body::Incoming;
use hyper::ext::ReasonPhrase;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, server::conn::http1};
use hyper_util::rt::TokioIo;
use timing::workers;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;

/// The longest sleep. Requests for a longer one sleep as long as this.
pub const LONGEST_SLEEP: Duration = Duration::from_secs(300);

/// The most connections that wait to be accepted. With fewer, a thousand pings at the same time
/// would lose some of their first packets, which are sent again only after a second.
const BACKLOG: u32 = 4096;

/// A server on a thread of its own. Dropping it ends the server and all its connections.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    seen: Arc<Seen>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The server's counts of requests.
#[derive(Debug, Default)]
pub struct Seen {
    requests: AtomicUsize,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

impl Server {
    /// Starts a server; port 0 is any free port. When this returns, the server accepts connections.
    ///
    /// # Errors
    /// If the address can't be listened on, or the system has no more threads.
    pub fn start(address: SocketAddr) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("can't build a runtime")?;
        let listening = runtime.block_on(async { listen(address) });
        let (listener, address) =
            listening.with_context(|| format!("can't listen on {address}"))?;
        let seen = Arc::new(Seen::default());
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, Arc::clone(&seen));
        let builder = thread::Builder::new().name("server".to_owned());
        let thread = builder.spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serving => (),
                    // An error says that the sender is gone: that ends the server, too.
                    _ = stopped => (),
                }
            });
        });
        let thread = workers::started("the server", thread)?;
        Ok(Self {
            address,
            seen,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The number of requests so far.
    pub fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::Relaxed)
    }

    /// The most requests that were in flight at the same time.
    pub fn peak(&self) -> usize {
        self.seen.peak.load(Ordering::Relaxed)
    }

    /// Serves until the process ends.
    pub fn serve_for_ever(mut self) {
        let thread = self.thread.take().expect("it is taken here only");
        let _ = thread.join();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // On Windows this option would let two servers share a port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn serve(listener: TcpListener, seen: Arc<Seen>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(talk(stream, Arc::clone(&seen)));
            }
            // The client is gone already, or there are no more files to open: wait until others
            // are closed.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Serves one connection to its end. A client may leave early.
async fn talk(stream: TcpStream, seen: Arc<Seen>) {
    let service = service_fn(move |request| Box::pin(respond(request, Arc::clone(&seen))));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let interim = ended.err().and_then(|error| {
        let source = std::error::Error::source(&error)?;
        source.downcast_ref::<Interim>().map(|Interim(code)| *code)
    });
    if let Some(code) = interim {
        let mut stream = connection.into_parts().io.into_inner();
        let name = description(code);
        let text = format!(
            "HTTP/1.1 {code} {name}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let _ = stream.write_all(text.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

/// The request asks for an interim status (RFC 9110, section 15.2), which the final answer follows.
/// hyper's server can't send one, so the connection is taken from it.
#[derive(Debug)]
struct Interim(u16);

impl std::fmt::Display for Interim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "asked for {}", self.0)
    }
}

impl std::error::Error for Interim {}

/// Counts a request as in flight until its answer is ready, or its client is gone.
struct InFlight(Arc<Seen>);

impl InFlight {
    fn begin(seen: Arc<Seen>) -> Self {
        seen.requests.fetch_add(1, Ordering::Relaxed);
        let now = seen.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        seen.peak.fetch_max(now, Ordering::Relaxed);
        Self(seen)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn respond(request: Request<Incoming>, seen: Arc<Seen>) -> Result<Response<String>, Interim> {
    let _in_flight = InFlight::begin(seen);
    let query = request.uri().query().unwrap_or_default();
    let sleep = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("sleep="));
    // A number that is too large for a `u64` is a long sleep, too.
    let is_number = |ms: &&str| !ms.is_empty() && ms.bytes().all(|b| b.is_ascii_digit());
    if let Some(ms) = sleep
        .filter(is_number)
        .map(|ms| ms.parse().unwrap_or(u64::MAX))
    {
        tokio::time::sleep(Duration::from_millis(ms).min(LONGEST_SLEEP)).await;
    }
    let path = request.uri().path().trim_matches('/');
    if path.is_empty() {
        return Ok(page(200, INDEX.to_owned()));
    }
    let Some(code) = choose(path) else {
        return Ok(page(404, format!("no status: {path}\n")));
    };
    match code {
        // 101 is the only interim status that ends HTTP on this connection, and so is an answer.
        100 | 102..=199 => Err(Interim(code)),
        _ => Ok(answer(code, wants_json(&request))),
    }
}

fn wants_json(request: &Request<Incoming>) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    accept.is_some_and(|value| value.contains("application/json"))
}

/// `404`, or one of several at random: `200,404,500-504`.
fn choose(path: &str) -> Option<u16> {
    let mut codes = Vec::new();
    for part in path.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
        if !(100..=last).contains(&first) || last > 999 {
            return None;
        }
        codes.extend(first..=last);
    }
    codes.get(fastrand::usize(..codes.len().max(1))).copied()
}

/// What the status is called: the registered name, and one that isn't registered.
pub fn description(code: u16) -> &'static str {
    match code {
        524 => "A Timeout Occurred",
        _ => StatusCode::from_u16(code)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Unknown Code"),
    }
}

fn answer(code: u16, json: bool) -> Response<String> {
    let name = description(code);
    let mut response = match (code, json) {
        // These have no body, by the standard.
        (101 | 204 | 205 | 304, _) => page(code, String::new()),
        (_, false) => page(code, format!("{code} {name}")),
        (_, true) => {
            let value = serde_json::json!({ "code": code, "description": name });
            let mut response = page(code, value.to_string());
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        }
    };
    if let Some((header, value)) = extra(code) {
        let headers = response.headers_mut();
        headers.insert(header, HeaderValue::from_static(value));
    }
    response
}

/// The header without which the status would make no sense.
fn extra(code: u16) -> Option<(HeaderName, &'static str)> {
    match code {
        301 | 302 | 303 | 305 | 307 | 308 => Some((header::LOCATION, "/")),
        401 => Some((header::WWW_AUTHENTICATE, "Basic realm=\"nobody\"")),
        405 => Some((header::ALLOW, "")),
        407 => Some((header::PROXY_AUTHENTICATE, "Basic realm=\"nobody\"")),
        413 | 429 | 503 => Some((header::RETRY_AFTER, "5")),
        416 => Some((header::CONTENT_RANGE, "bytes */0")),
        426 => Some((header::UPGRADE, "HTTP/2.0")),
        _ => None,
    }
}

fn page(code: u16, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(code).expect("100 to 999");
    let phrase = ReasonPhrase::from_static(description(code).as_bytes());
    response.extensions_mut().insert(phrase);
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, text);
    response
}

const INDEX: &str = "\
Ask for a status, and it is what you get:

  /404               404 Not Found
  /200?sleep=2000    200 OK, after 2000 milliseconds (at most 300000)
  /200,500-504       one of them at random
  /302               a redirect to this page
  /103               103 Early Hints, and then 200 OK

With `Accept: application/json` the body is JSON.
";
