//! A small site on this machine, whose answers have latencies. So the lesson needs no network, and
//! a test can see how many requests were in flight.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, server::conn::http1};
use hyper_util::rt::TokioIo;
use timing::workers;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

mod odd;
mod pages;
mod response;
mod traps;

pub use odd::FILES as ODD;
pub use pages::PATHS;
use response::Body;

/// The most requests that are noted, for tests: a site that is up for days needs none of them.
const MOST_NOTED: usize = 10_000;

/// The longest latency that a request may ask for, as in `/200?sleep=2000`.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// The server, on a thread of its own. Dropping it closes all connections and ends the thread.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    seen: Arc<Seen>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Seen {
    /// Latencies are divided by this.
    speedup: u64,
    requests: Mutex<Vec<String>>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

impl Seen {
    fn note(&self, target: &str) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() < MOST_NOTED {
            requests.push(target.to_owned());
        }
    }
}

impl Site {
    /// Starts the site. Port 0 is any free port. When this returns, the site answers requests.
    ///
    /// # Errors
    /// If it can't listen there.
    pub fn start(address: SocketAddr) -> Result<Self> {
        Self::faster(address, 1)
    }

    /// Starts the site with latencies that are `speedup` times shorter.
    ///
    /// # Errors
    /// If it can't listen there.
    pub fn faster(address: SocketAddr, speedup: u64) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("can't build a runtime")?;
        let failed = || format!("can't listen on {address}");
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .with_context(failed)?;
        let address = listener.local_addr().with_context(failed)?;
        let seen = Arc::new(Seen {
            speedup,
            ..Seen::default()
        });
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, Arc::clone(&seen));
        let thread = thread::Builder::new()
            .name("site".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = serving => (),
                        // An error means that the sender is gone, and that ends the site, too.
                        _ = stopped => (),
                    }
                });
            });
        let thread = workers::started("the site", thread)?;
        Ok(Self {
            address,
            seen,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The address at which the site listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of the page at this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The paths and queries that were requested, in their order.
    pub fn requests(&self) -> Vec<String> {
        let requests = self.seen.requests.lock();
        requests.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The most requests that were in flight at the same time.
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

async fn serve(listener: TcpListener, seen: Arc<Seen>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(talk(stream, Arc::clone(&seen)))),
            // The client is gone already, or the process has no more file descriptors: some may
            // become free meanwhile.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Serves one connection to its end. A client that leaves early is no error.
async fn talk(stream: TcpStream, seen: Arc<Seen>) {
    let service = service_fn(move |request| respond(request, Arc::clone(&seen)));
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Counts a request as in flight until it is answered, or its client is gone.
struct InFlight(Arc<Seen>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

async fn respond(
    request: Request<Incoming>,
    seen: Arc<Seen>,
) -> Result<Response<Body>, Infallible> {
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());
    seen.note(target);
    let now = seen.in_flight.fetch_add(1, Relaxed) + 1;
    seen.peak.fetch_max(now, Relaxed);
    let speedup = seen.speedup;
    let _in_flight = InFlight(seen);
    let query = request.uri().query().unwrap_or_default();
    let sleep = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("sleep="))
        .and_then(|ms| ms.parse().ok())
        .unwrap_or_else(|| pages::latency(request.uri().path()) / speedup);
    tokio::time::sleep(Duration::from_millis(sleep).min(LONGEST_SLEEP)).await;
    let path = request.uri().path();
    let traps = path
        .strip_prefix("/trap/")
        .map(|trap| traps::respond(trap, query));
    let odd = || odd::respond(path, query);
    Ok(traps.or_else(odd).unwrap_or_else(|| pages::respond(path)))
}
