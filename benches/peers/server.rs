//! The server that all crawlers of `benches/peers` download from: it belongs to none of them.
//!
//!     cargo run --release --example peer_server -- --pages 2000 --latency 20
//!     cargo run --release --example peer_server -- --folder /usr/share/doc/python3-doc/html
//!
//! It prints its address, then serves until it is killed. All pages are made, or read, before the
//! first request: so an answer costs the same for all crawlers, and little. It has one thread, so
//! that a crawler has the other core.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// The number of links of a page to others.
const LINKS: usize = 12;

/// The most connections that wait to be accepted: a client may open many at the same time.
const BACKLOG: u32 = 1024;

/// Serves made pages, or a folder's files, on a port of this machine.
#[derive(Parser)]
struct Args {
    /// So many pages, which link to each other
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pages: usize,

    /// So long until an answer begins, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,

    /// The files of this folder, instead of pages
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// The pages, by their paths.
type Files = HashMap<String, (HeaderValue, Bytes)>;

fn main() -> Result<()> {
    let args = Args::parse();
    let files = Arc::new(match &args.folder {
        Some(folder) => read(folder)?,
        None => make(args.pages),
    });
    let latency = Duration::from_millis(args.latency);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let socket = TcpSocket::new_v4()?;
            socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
            let listener = socket.listen(BACKLOG)?;
            println!("http://{}/", listener.local_addr()?);
            serve(listener, files, latency).await
        })
}

async fn serve(listener: TcpListener, files: Arc<Files>, latency: Duration) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(talk(stream, Arc::clone(&files), latency));
    }
}

/// Serves one connection, with any number of requests. A client may leave early.
async fn talk(stream: TcpStream, files: Arc<Files>, latency: Duration) {
    let service = service_fn(move |request: Request<Incoming>| {
        let files = Arc::clone(&files);
        async move {
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            Ok::<_, Infallible>(answer(&files, request.uri().path()))
        }
    });
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn answer(files: &Files, path: &str) -> Response<Full<Bytes>> {
    let Some((kind, body)) = files.get(path) else {
        let mut response = Response::new(Full::from("not here\n"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let mut response = Response::new(Full::new(body.clone()));
    response.headers_mut().insert(CONTENT_TYPE, kind.clone());
    response
}

/// Makes a page. Page `n` links to the twelve pages from `12 n + 1` on, modulo their number: all
/// are reached from the first in few steps, and most links lead to pages that are known already.
fn make(pages: usize) -> Files {
    let filler =
        "<p>A page has words, too, and whoever looks for links has to read past them.</p>\n";
    let page = |n: usize| {
        let links = (1..=LINKS).map(|link| {
            let to = (n * LINKS + link) % pages;
            match to {
                0 => "<li><a href=\"/\">the first page</a></li>\n".to_owned(),
                _ => format!("<li><a href=\"/page{to}.html\">page {to}</a></li>\n"),
            }
        });
        let links: String = links.collect();
        let mut text = format!(
            "<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>Page {n}</title></head>\n<body><h1>Page {n}</h1>\n<ul>\n{links}</ul>\n"
        );
        while text.len() < 2000 {
            text += filler;
        }
        text + "</body></html>\n"
    };
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let path = |n| match n {
        0 => "/".to_owned(),
        _ => format!("/page{n}.html"),
    };
    (0..pages)
        .map(|n| (path(n), (html.clone(), Bytes::from(page(n)))))
        .collect()
}

/// Returns all files below a folder; `index.html` is also at the folder's own path.
fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![(folder.to_owned(), "/".to_owned())];
    while let Some((folder, prefix)) = folders.pop() {
        let failed = || format!("can't read {}", folder.display());
        for entry in fs::read_dir(&folder).with_context(failed)? {
            let entry = entry.with_context(failed)?;
            let (path, name) = (entry.path(), entry.file_name());
            let url = format!("{prefix}{}", name.to_string_lossy());
            // Symbolic links are followed: Debian's documentation has some to other packages'
            // scripts.
            let Ok(about) = fs::metadata(&path) else {
                continue;
            };
            if about.is_dir() {
                folders.push((path, format!("{url}/")));
                continue;
            }
            let body = fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
            let file = (kind(&url), Bytes::from(body));
            if name == "index.html" {
                files.insert(prefix.clone(), file.clone());
            }
            files.insert(url, file);
        }
    }
    Ok(files)
}

fn kind(path: &str) -> HeaderValue {
    HeaderValue::from_static(match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt" | "py") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}
