//! The requests and answers of a crawl in one file, as web archives keep them
//! ([WARC 1.1](https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/)).
//!
//! Each record is a gzip member of its own, so a reader can begin at any of them. A body is kept as
//! it was sent, but for the chunks of its transfer, which the HTTP library joins. Secrets of
//! the user are left out. So is a page whose body did not arrive whole, and a page of another
//! server that is only checked.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac_sha256::Hash;
use reqwest::header::{LOCATION, TRANSFER_ENCODING};
use reqwest::{Response, StatusCode, Url};

use super::body::IN_MEMORY;
use crate::client::{Client, NAME};

mod members;

use members::Members;

/// Which archive is wanted.
#[derive(Debug, Clone)]
pub struct Warc {
    /// Its file.
    pub path: PathBuf,
    /// Whether the file may be there already, from an earlier part of the crawl.
    pub continues: bool,
}

/// An archive that is being written. Whenever the program ends, its records are whole, but for the
/// last one if that is long.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    is_new: bool,
    members: Mutex<Members>,
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

    /// The fields of one of its two records. `block` is the digest of what follows them.
    fn fields(&self, kind: &str, id: &str, other: &str, block: String) -> Fields {
        let mut fields = vec![
            ("WARC-Type", kind.to_owned()),
            ("WARC-Record-ID", id.to_owned()),
            ("WARC-Date", date(self.date)),
            ("WARC-Target-URI", self.url.to_string()),
            ("WARC-Concurrent-To", other.to_owned()),
            ("WARC-Block-Digest", block),
            ("Content-Type", format!("application/http;msgtype={kind}")),
        ];
        if let Some(address) = self.address {
            fields.push(("WARC-IP-Address", address.ip().to_string()));
        }
        fields
    }
}

type Fields = Vec<(&'static str, String)>;

impl Archive {
    /// Begins an archive, or opens one that is there, which is not changed before
    /// [`go_on`](Self::go_on).
    ///
    /// # Errors
    /// If the file is there already and may not be, is no archive, or can't be written.
    pub fn open(wanted: &Warc) -> Result<Self> {
        let members = Members::open(&wanted.path, wanted.continues)?;
        let archive = Self {
            path: wanted.path.clone(),
            is_new: members.is_empty(),
            members: Mutex::new(members),
        };
        if archive.is_new {
            archive.begin()?;
        }
        Ok(archive)
    }

    /// Goes on with an archive that was there: what a killed process left of a record is cut off.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn go_on(&self) -> Result<()> {
        if self.is_new {
            return Ok(());
        }
        self.members().cut()?;
        self.begin()
    }

    /// Adds the record that says which program wrote those that follow.
    fn begin(&self) -> Result<()> {
        let content = format!("software: {NAME}\r\nformat: WARC File Format 1.1\r\n");
        let fields = vec![
            ("WARC-Type", "warcinfo".to_owned()),
            ("WARC-Record-ID", id()),
            ("WARC-Date", date(SystemTime::now())),
            ("WARC-Block-Digest", digests(&content, io::empty())?.0),
            ("Content-Type", "application/warc-fields".to_owned()),
        ];
        let write = |file: &mut File| record(file, &fields, &content, (0, io::empty()));
        self.members().append(write)
    }

    /// Removes the archive of a crawl that could not begin, unless it is of an earlier one.
    pub fn discard(self) {
        if self.is_new {
            let _ = fs::remove_file(self.path);
        }
    }

    /// Adds a request and its answer. `body` is called twice, and reads these many bytes.
    ///
    /// # Errors
    /// If the body can't be read, or the disk takes no more.
    pub fn add<R: Read>(
        &self,
        exchange: &Exchange,
        length: u64,
        is_whole: bool,
        body: impl Fn() -> Result<R>,
    ) -> Result<()> {
        let (request, answer) = (id(), id());
        let (block, payload) = digests(&exchange.answer, body()?)?;
        let mut of_answer = exchange.fields("response", &answer, &request, block);
        of_answer.push(("WARC-Payload-Digest", payload));
        if !is_whole {
            of_answer.push(("WARC-Truncated", "length".to_owned()));
        }
        let (block, _) = digests(&exchange.request, io::empty())?;
        let of_request = exchange.fields("request", &request, &answer, block);
        let write = |to: &mut dyn Write| {
            record(to, &of_answer, &exchange.answer, (length, body()?))?;
            record(to, &of_request, &exchange.request, (0, io::empty()))
        };
        if length > IN_MEMORY as u64 {
            return self.members().append(|file| write(file));
        }
        // What is short is compressed while another worker writes, and then written at once.
        let mut packed = Vec::new();
        write(&mut packed)?;
        self.members().append(|file| Ok(file.write_all(&packed)?))
    }

    /// Adds an exchange whose body is in memory.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_bytes(&self, exchange: &Exchange, body: &[u8], is_whole: bool) -> Result<()> {
        let length = body.len() as u64;
        self.add(exchange, length, is_whole, || Ok(body))
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

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compresses a record: its fields, a block that is a head and a body of this length, and the two
/// empty lines that end it.
fn record(
    to: &mut dyn Write,
    fields: &Fields,
    head: &str,
    (length, mut body): (u64, impl Read),
) -> Result<()> {
    let mut text = String::from("WARC/1.1\r\n");
    for (name, value) in fields {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    let length = head.len() as u64 + length;
    let _ = write!(text, "Content-Length: {length}\r\n\r\n{head}");
    let mut packed = GzEncoder::new(to, Compression::default());
    packed.write_all(text.as_bytes())?;
    io::copy(&mut body, &mut packed)?;
    packed.write_all(b"\r\n\r\n")?;
    packed.finish()?;
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

/// The digests of a head with its body, and of the body alone.
fn digests(head: &str, mut body: impl Read) -> Result<(String, String)> {
    let (mut both, mut alone, mut buffer) = (Hash::new(), Hash::new(), vec![0; 64 << 10]);
    both.update(head);
    loop {
        match body.read(&mut buffer)? {
            0 => return Ok((text(both), text(alone))),
            read => {
                both.update(&buffer[..read]);
                alone.update(&buffer[..read]);
            }
        }
    }
}

/// A digest as it is written.
fn text(hash: Hash) -> String {
    let mut text = String::from("sha256:");
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
