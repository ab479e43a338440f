//! Answers that the HTTP library refuses whole, and browsers and wget read: a status line of
//! `HTTP/1.2`, a bare carriage return in a header, `Content-Length: +52`.
//!
//! The head of such an answer is repaired as it arrives, and then the library reads it. If its body
//! comes in chunks, they are joined here, since their lines may be faulty, too.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyhow::{Context as _, Result};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, PROXY_AUTHORIZATION};
use hyper::{HeaderMap, Request, Response};
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use reqwest::{Body, Url};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::MOST_HEADERS;
use super::way::{Connection, Way};
use chunks::Chunks;

pub mod chunks;

/// The longest head that is repaired. The library's own bound is about as high.
const LONGEST_HEAD: usize = 400 << 10;

/// Requests a page on a connection of its own, and repairs the answer.
///
/// # Errors
/// If the server does not answer, or the answer can't be read even then.
pub async fn get(url: &Url, headers: &HeaderMap, way: &Way) -> Result<reqwest::Response> {
    let host = url.host_str().context("a server")?;
    let connected = way.connect(url).await;
    let (stream, proxy) = connected.map_err(anyhow::Error::from_boxed)?;
    let target = match (&proxy, url.query()) {
        (Some(_), _) => url.as_str().to_owned(),
        (None, Some(query)) => format!("{}?{query}", url.path()),
        (None, None) => url.path().to_owned(),
    };
    let server = url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let mut request = Request::get(target).header(HOST, server);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if let Some(who) = proxy.as_ref().and_then(Intercept::basic_auth) {
        request = request.header(PROXY_AUTHORIZATION, who);
    }
    let request = request.header(CONNECTION, "close");
    let connection = TokioIo::new(Repaired::of(stream));
    let mut builder = http1::Builder::new();
    let (mut sender, connection) = builder
        .max_headers(MOST_HEADERS)
        .handshake(connection)
        .await?;
    tokio::spawn(connection);
    let request = request.body(Empty::<Bytes>::new())?;
    let response: Response<Incoming> = sender.send_request(request).await?;
    Ok(response.map(Body::wrap).into())
}

/// A connection whose first answer is repaired.
struct Repaired {
    stream: Box<dyn Connection>,
    /// The start of the answer, as long as its head is not whole. Then what is still to be read of
    /// the repaired head and what came with it, or of chunks.
    start: Vec<u8>,
    is_repaired: bool,
    read: usize,
    /// If the body comes in chunks.
    chunks: Option<Chunks>,
}

impl Repaired {
    fn of(stream: Box<dyn Connection>) -> Self {
        Self {
            stream,
            start: Vec::new(),
            is_repaired: false,
            read: 0,
            chunks: None,
        }
    }

    /// Receives some bytes; none at the end.
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Vec<u8>>> {
        let mut bytes = [0; 8192];
        let mut chunk = ReadBuf::new(&mut bytes);
        match ready!(Pin::new(&mut self.stream).poll_read(context, &mut chunk)) {
            // Without the notice of TLS that this is the end.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            read => read?,
        }
        Poll::Ready(Ok(chunk.filled().to_vec()))
    }
}

impl AsyncRead for Repaired {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.is_repaired {
            let blank = |byte: &&u8| matches!(byte, b'\r' | b'\n');
            let blank = self.start.iter().take_while(blank).count();
            self.start.drain(..blank);
            if let Some(end) = end_of_head(&self.start) {
                let (repaired, has_chunks) = repair(&self.start[..end]);
                // What comes before the answer, such as `103 Early Hints`, is left out.
                self.is_repaired = !repaired.starts_with(b"HTTP/1.1 1");
                let mut rest = self.start.split_off(end);
                self.start = match self.is_repaired {
                    true => repaired,
                    false => Vec::new(),
                };
                if self.is_repaired && has_chunks {
                    let chunks = self.chunks.insert(Chunks::default());
                    rest = chunks.join(&rest)?;
                }
                self.start.append(&mut rest);
                continue;
            }
            if self.start.len() > LONGEST_HEAD {
                return Poll::Ready(Err(io::Error::other("the answer's head is too long")));
            }
            let bytes = ready!(self.poll_receive(context))?;
            if bytes.is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.start.extend_from_slice(&bytes);
        }
        while self.read == self.start.len() {
            match &mut self.chunks {
                None => return Pin::new(&mut self.stream).poll_read(context, buffer),
                Some(chunks) if chunks.is_over() => return Poll::Ready(Ok(())),
                Some(_) => {}
            }
            let bytes = ready!(self.poll_receive(context))?;
            let chunks = self.chunks.as_mut().expect("seen above");
            if bytes.is_empty() {
                return Poll::Ready(chunks.end());
            }
            (self.start, self.read) = (chunks.join(&bytes)?, 0);
        }
        let rest = &self.start[self.read..];
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..length]);
        self.read += length;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Repaired {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Where the body begins: after the first empty line.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(length) = memchr::memchr(b'\n', &bytes[at..]) {
        at += length + 1;
        match bytes.get(at..)? {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            // Scripts on Windows may write each line's end twice over.
            [b'\r', b'\r', b'\n', ..] => return Some(at + 3),
            _ => {}
        }
    }
    None
}

/// Writes a head again in the form that the standard requires (RFC 9112). What can't be understood
/// is left out. Returns also whether the body comes in chunks, of which the head says nothing then.
fn repair(head: &[u8]) -> (Vec<u8>, bool) {
    let mut lines = head
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii_end);
    // What a script printed too early may stand before it, and as in browsers up to four bytes in
    // the same line: a byte order mark, say.
    let is_status = |line: &&[u8]| {
        let mut ends = (0..=4).filter_map(|at| line.get(at..at + 4));
        ends.any(|begin| begin.eq_ignore_ascii_case(b"HTTP")) || line.starts_with(b"ICY ")
    };
    let status = lines.by_ref().find(is_status).unwrap_or_default();
    let words = status.split(u8::is_ascii_whitespace).skip(1);
    let mut starts = words.filter_map(|word| word.first_chunk::<3>());
    let code = starts.find(|code| code.iter().all(u8::is_ascii_digit));
    // In a body whose length is not given, HTTP/1.1 and 1.0 do not differ. But chunks are of 1.1.
    let mut repaired = b"HTTP/1.1 ".to_vec();
    repaired.extend_from_slice(code.map_or(&[], |code| code));
    repaired.extend_from_slice(b" \r\n");
    let mut headers: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for line in lines {
        // A line that begins with white space continues the one before.
        if let ([b' ' | b'\t', ..], Some((_, value))) = (line, headers.last_mut()) {
            value.push(b' ');
            value.extend_from_slice(line.trim_ascii());
            continue;
        }
        let Some(colon) = memchr::memchr(b':', line) else {
            continue;
        };
        let (name, value) = (line[..colon].trim_ascii(), &line[colon + 1..]);
        if hyper::header::HeaderName::from_bytes(name).is_ok() {
            headers.push((name.to_ascii_lowercase(), value.trim_ascii().to_vec()));
        }
    }
    // What was compressed before that is told to the caller.
    let coded = |(name, value): &(Vec<u8>, Vec<u8>)| {
        name == b"transfer-encoding" && chunks::are_named(value)
    };
    let has_chunks = headers.iter().any(coded);
    let mut length = None;
    for (name, mut value) in headers {
        if name == b"transfer-encoding" && has_chunks {
            let others = value
                .split(|&byte| byte == b',')
                .filter(|name| !chunks::are_named(name));
            value = others.collect::<Vec<_>>().join(&b',');
            if value.is_empty() {
                continue;
            }
        }
        if name == b"content-length" && has_chunks {
            continue;
        }
        if name == b"content-length" {
            // The first one that is a number. Without any, the body ends with the connection.
            let text = String::from_utf8_lossy(&value);
            let number = text.split([',', ';', ' ']).next().unwrap_or_default();
            let Ok(bytes) = number.parse::<u64>() else {
                continue;
            };
            if length.replace(bytes).is_some() {
                continue;
            }
            value = bytes.to_string().into_bytes();
        }
        if name == b"location" {
            value = encoded(&value);
        }
        for byte in &mut value {
            if byte.is_ascii_control() && *byte != b'\t' {
                *byte = b' ';
            }
        }
        for part in [&*name, b": ", &*value, b"\r\n"] {
            repaired.extend_from_slice(part);
        }
    }
    repaired.extend_from_slice(b"\r\n");
    (repaired, has_chunks)
}

/// The target of a redirect, with control characters as a browser asks for them. At its ends they
/// mean nothing.
fn encoded(target: &[u8]) -> Vec<u8> {
    let begin = target.iter().position(|&byte| byte > b' ');
    let end = target.iter().rposition(|&byte| byte > b' ');
    let target = begin
        .zip(end)
        .map_or(&[][..], |(begin, end)| &target[begin..=end]);
    let mut encoded = Vec::with_capacity(target.len());
    for &byte in target {
        match byte {
            b'\t' => {}
            0..=0x1f | 0x7f => encoded.extend(format!("%{byte:02X}").into_bytes()),
            _ => encoded.push(byte),
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
