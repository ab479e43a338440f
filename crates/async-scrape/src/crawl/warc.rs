//! The requests and answers of a crawl in one file, as web archives keep them
//! ([WARC 1.1](https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/)).
//!
//! Each record is a gzip member of its own, so a reader can begin at any of them. A body is kept as
//! it was sent, but for the chunks of its transfer, which the HTTP library joins. Secrets of
//! the user are left out. So is a page whose body did not arrive whole, and a page of another
//! server that is only checked.

use std::fmt::Write as _;
use std::io::{self, BufWriter, IntoInnerError, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac_sha256::Hash;
use reqwest::header::{LOCATION, TRANSFER_ENCODING};
use reqwest::{Response, StatusCode, Url};

use super::body::IN_MEMORY;
use crate::client::{Client, NAME};
use crate::file::{Destination, Part};

/// A file that is being written. It appears when the crawl is over.
#[derive(Debug)]
pub struct Archive {
    file: Mutex<BufWriter<Part>>,
}

/// A request and its answer, without the answer's body.
#[derive(Debug)]
pub struct Exchange {
    url: Url,
    date: SystemTime,
    request: String,
    answer: String,
    address: Option<SocketAddr>,
}

impl Exchange {
    /// A request that is being sent: its head, as text.
    pub fn begin(url: &Url, request: String) -> Self {
        Self {
            url: url.clone(),
            date: SystemTime::now(),
            request,
            answer: String::new(),
            address: None,
        }
    }

    /// Notes the head of the answer.
    fn answered(&mut self, response: &Response) {
        self.address = response.remote_addr();
        let (version, status) = (response.version(), response.status());
        self.answer = format!("{version:?} {status}\r\n");
        for (name, value) in response.headers() {
            // The body has no chunks any more, and a reader would look for them.
            let before = if name == TRANSFER_ENCODING {
                "x-archive-orig-"
            } else {
                ""
            };
            let value = String::from_utf8_lossy(value.as_bytes());
            let _ = write!(self.answer, "{before}{name}: {value}\r\n");
        }
        self.answer += "\r\n";
    }
}

/// Refuses to replace an archive.
///
/// # Errors
/// If the file is there already.
pub fn archive_is_new(path: &Path) -> Result<()> {
    if path.exists() {
        bail!(
            "{} is there already: an archive is not replaced",
            path.display()
        );
    }
    Ok(())
}

impl Archive {
    /// Begins an archive.
    ///
    /// # Errors
    /// If the file is there already, or its folder can't be written.
    pub fn create(path: &Path) -> Result<Self> {
        archive_is_new(path)?;
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let name = path.file_name().context("an archive needs a name")?;
        let part = Part::new(&Destination {
            name: name.to_string_lossy().into_owned(),
            path: path.to_owned(),
            aside: folder.unwrap_or(Path::new(".")).to_owned(),
        })?;
        let archive = Self {
            file: Mutex::new(BufWriter::new(part)),
        };
        let content = format!("software: {NAME}\r\nformat: WARC File Format 1.1\r\n");
        let fields = [
            ("WARC-Type", "warcinfo".to_owned()),
            ("WARC-Date", date(SystemTime::now())),
            ("Content-Type", "application/warc-fields".to_owned()),
        ];
        archive.append(&fields, &id(), &content, 0, &mut || {
            Ok(Box::new(io::empty()))
        })?;
        Ok(archive)
    }

    /// Adds a request and its answer. `body` is called twice, and reads these many bytes.
    ///
    /// # Errors
    /// If the body can't be read, or the disk takes no more.
    pub fn add<'b>(
        &self,
        exchange: &Exchange,
        length: u64,
        is_whole: bool,
        body: &mut dyn FnMut() -> Result<Box<dyn Read + 'b>>,
    ) -> Result<()> {
        let (request, answer) = (id(), id());
        let fields = |kind: &str, other: &str| {
            let mut fields = vec![
                ("WARC-Type", kind.to_owned()),
                ("WARC-Date", date(exchange.date)),
                ("WARC-Target-URI", exchange.url.to_string()),
                ("WARC-Concurrent-To", other.to_owned()),
                ("Content-Type", format!("application/http;msgtype={kind}")),
            ];
            if let Some(address) = exchange.address {
                fields.push(("WARC-IP-Address", address.ip().to_string()));
            }
            fields
        };
        let mut of_answer = fields("response", &request);
        of_answer.push(("WARC-Payload-Digest", digest(&mut body()?)?));
        if !is_whole {
            of_answer.push(("WARC-Truncated", "length".to_owned()));
        }
        self.append(&of_answer, &answer, &exchange.answer, length, body)?;
        let of_request = fields("request", &answer);
        let nothing = &mut || Ok(Box::new(io::empty()) as Box<dyn Read>);
        self.append(&of_request, &request, &exchange.request, 0, nothing)
    }

    /// Adds an exchange whose body is in memory.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_bytes(&self, exchange: &Exchange, body: &[u8], is_whole: bool) -> Result<()> {
        let length = body.len() as u64;
        self.add(exchange, length, is_whole, &mut || Ok(Box::new(body)))
    }

    /// Notes the head of an answer. One that is no page is received, and added, too.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub async fn answered(
        &self,
        client: &Client,
        exchange: &mut Exchange,
        response: &mut Response,
    ) -> Result<()> {
        exchange.answered(response);
        let status = response.status();
        // A choice without a target is a page, too.
        let has_target = response.headers().contains_key(LOCATION);
        let is_choice = status == StatusCode::MULTIPLE_CHOICES && !has_target;
        match status.is_success() || is_choice {
            true => Ok(()),
            false => self.receive(client, exchange, response).await,
        }
    }

    /// Receives the body of an answer that is no page, and adds it, as far as it is short.
    async fn receive(
        &self,
        client: &Client,
        exchange: &Exchange,
        response: &mut Response,
    ) -> Result<()> {
        let mut body = Vec::new();
        let begun = Instant::now();
        // What breaks off, or takes too long, is kept as far as it came.
        let is_whole = loop {
            match client.chunk(response).await {
                Ok(None) => break true,
                Ok(Some(chunk))
                    if body.len() + chunk.len() <= IN_MEMORY
                        && begun.elapsed() <= 3 * client.timeout() =>
                {
                    body.extend_from_slice(&chunk);
                }
                _ => break false,
            }
        };
        self.add_bytes(exchange, &body, is_whole)
    }

    /// Appends a record: its fields, and a block that is a head and a body.
    fn append<'b>(
        &self,
        fields: &[(&str, String)],
        id: &str,
        head: &str,
        length: u64,
        body: &mut dyn FnMut() -> Result<Box<dyn Read + 'b>>,
    ) -> Result<()> {
        let block = digest(&mut head.as_bytes().chain(body()?))?;
        let length = head.len() as u64 + length;
        let mut text = String::from("WARC/1.1\r\n");
        for (name, value) in fields {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let _ = write!(
            text,
            "WARC-Record-ID: {id}\r\nWARC-Block-Digest: {block}\r\n"
        );
        let _ = write!(text, "Content-Length: {length}\r\n\r\n{head}");
        let mut body = body()?;
        // A small record is compressed while another one is written.
        if length > IN_MEMORY as u64 {
            return record(&mut *self.file(), &text, &mut body);
        }
        let mut packed = Vec::new();
        record(&mut packed, &text, &mut body)?;
        self.file()
            .write_all(&packed)
            .context("can't write the archive")
    }

    /// Makes the file appear.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn close(self) -> Result<()> {
        let file = self
            .file
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let part = file.into_inner().map_err(IntoInnerError::into_error);
        part.context("can't write the archive")?.finish()?;
        Ok(())
    }

    fn file(&self) -> MutexGuard<'_, BufWriter<Part>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compresses a record: a text, a body, and the two empty lines that end it.
fn record(to: impl Write, text: &str, body: &mut dyn Read) -> Result<()> {
    let mut packed = GzEncoder::new(to, Compression::default());
    packed
        .write_all(text.as_bytes())
        .and_then(|()| io::copy(body, &mut packed))
        .and_then(|_| packed.write_all(b"\r\n\r\n"))
        .and_then(|()| packed.finish())
        .context("can't write the archive")?;
    Ok(())
}

/// A name that no other record has: a random UUID (RFC 9562, version 4).
fn id() -> String {
    let random = fastrand::u128(..);
    let id = random & !(0xf << 76) & !(0x3 << 62) | 4 << 76 | 0x2 << 62;
    let hex = format!("{id:032x}");
    let (a, b, c, d, e) = (
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    );
    format!("<urn:uuid:{a}-{b}-{c}-{d}-{e}>")
}

fn date(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

/// The digest of all that is read.
fn digest(from: &mut dyn Read) -> Result<String> {
    let (mut hash, mut buffer) = (Hash::new(), vec![0; 64 << 10]);
    loop {
        match from.read(&mut buffer)? {
            0 => break,
            read => hash.update(&buffer[..read]),
        }
    }
    let mut text = String::from("sha256:");
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
