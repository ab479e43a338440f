//! Content codings: how a server compressed a body (`Content-Encoding`).
//!
//! Only gzip is asked for, and some servers send others all the same. Decoding here, and not in the
//! HTTP client, keeps a body that can't be decoded as it came.

use std::io::{self, BufRead, Read};

use anyhow::Result;
use brotli_decompressor::Decompressor;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use reqwest::Url;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use ruzstd::decoding::StreamingDecoder;

use super::body::{Body, IN_MEMORY};
use crate::file::Destination;

/// The most codings of one body. More are a trap.
const MOST: usize = 5;

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// One gzip member or several.
    Gzip,
    /// The standard means the format of zlib; some servers send the bare stream.
    Deflate,
    /// Brotli.
    Brotli,
    /// Zstandard.
    Zstd,
}

/// The codings of a body, in the order in which they were applied.
///
/// # Errors
/// If one is not known, its name.
pub fn of(headers: &HeaderMap, content_type: &str, url: &Url) -> Result<Vec<Coding>, String> {
    let mut codings = Vec::new();
    for header in headers.get_all(CONTENT_ENCODING) {
        let text = String::from_utf8_lossy(header.as_bytes()).to_ascii_lowercase();
        for name in text.split(',').map(str::trim) {
            codings.push(match name {
                // Servers that write the charset here mean that the body is not compressed.
                "" | "identity" | "none" | "utf-8" | "utf8" | "iso-8859-1" => continue,
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                "br" => Coding::Brotli,
                "zstd" => Coding::Zstd,
                other => return Err(other.to_owned()),
            });
        }
    }
    if codings.len() > MOST {
        return Err(format!("{} codings", codings.len()));
    }
    // A server that stores `x.tar.gz` and says that it compressed it sends the file itself.
    if let [coding] = codings[..] {
        let name = url.path().to_ascii_lowercase();
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        let (endings, kinds): (&[&str], &[&str]) = match coding {
            Coding::Gzip => (
                &[".gz", ".tgz", ".svgz"],
                &[
                    "application/gzip",
                    "application/x-gzip",
                    "application/x-gunzip",
                ],
            ),
            Coding::Deflate => (&[], &[]),
            Coding::Brotli => (&[".br"], &[]),
            Coding::Zstd => (&[".zst", ".tzst"], &["application/zstd"]),
        };
        let is_file = endings.iter().any(|ending| name.ends_with(ending));
        if is_file || kinds.iter().any(|name| kind.eq_ignore_ascii_case(name)) {
            codings.clear();
        }
    }
    Ok(codings)
}

/// The names of codings, as they stand in a header.
pub fn names(codings: &[Coding]) -> String {
    let names = codings.iter().map(|coding| match coding {
        Coding::Gzip => "gzip",
        Coding::Deflate => "deflate",
        Coding::Brotli => "br",
        Coding::Zstd => "zstd",
    });
    names.collect::<Vec<_>>().join(", ")
}

/// Decodes a body. Returns `None` if it can't be decoded: then the body is to be kept as it is.
///
/// # Errors
/// If a file can't be read or written, or the decoded body is longer than `most` bytes.
pub fn decode(
    body: &Body,
    codings: &[Coding],
    destination: &Destination,
    most: u64,
) -> Result<Option<Body>> {
    let mut decoded: Option<Body> = None;
    for &coding in codings.iter().rev() {
        let from = decoded.as_ref().unwrap_or(body);
        let Some(body) = coding.decode(from.reader()?, destination, most)? else {
            return Ok(None);
        };
        decoded = Some(body);
    }
    Ok(decoded)
}

impl Coding {
    /// Decodes one coding; `None` if that can't be done.
    fn decode<'r>(
        self,
        mut from: Box<dyn BufRead + 'r>,
        destination: &Destination,
        most: u64,
    ) -> Result<Option<Body>> {
        let start = from.fill_buf()?;
        // The first two bytes of the zlib format are a multiple of 31.
        let is_zlib = start
            .first_chunk()
            .is_some_and(|&head| head[0] & 0xf == 8 && u16::from_be_bytes(head) % 31 == 0);
        let mut to = Body::default();
        let mut copy = |from: &mut dyn Read| copy(from, &mut to, destination, most);
        let result = match self {
            Self::Gzip => loop {
                let result = copy(&mut GzDecoder::new(&mut from));
                // What follows the last member, padding for example, is ignored.
                if !matches!(result, Ok(Ok(()))) || from.fill_buf()?.first() != Some(&0x1f) {
                    break result;
                }
            },
            Self::Deflate if is_zlib => copy(&mut ZlibDecoder::new(from)),
            Self::Deflate => copy(&mut DeflateDecoder::new(from)),
            Self::Brotli => copy(&mut Decompressor::new(from, 4096)),
            Self::Zstd => match StreamingDecoder::new(from) {
                Ok(mut decoder) => copy(&mut decoder),
                Err(_) => return Ok(None),
            },
        };
        Ok(result?.is_ok().then_some(to))
    }
}

/// Copies all of a decoder's output. The inner result is the decoder's.
fn copy(
    from: &mut dyn Read,
    to: &mut Body,
    destination: &Destination,
    most: u64,
) -> Result<io::Result<()>> {
    loop {
        let before = to.memory.len();
        let read = from.take(IN_MEMORY as u64).read_to_end(&mut to.memory);
        if read.is_err() || to.memory.len() == before {
            return Ok(read.map(drop));
        }
        if to.memory.len() >= IN_MEMORY {
            to.spill(destination, most)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codings(values: &[&str], kind: &str, url: &str) -> Result<Vec<Coding>, String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, value.parse().unwrap());
        }
        of(&headers, kind, &Url::parse(url).unwrap())
    }

    #[test]
    fn codings_are_read_and_files_that_are_compressed_stay_so() {
        use Coding::{Brotli, Deflate, Gzip, Zstd};
        let page = "http://h/a.html";
        for (values, expected) in [
            (&[][..], &[][..]),
            (&["GZIP"], &[Gzip]),
            (&["x-gzip"], &[Gzip]),
            (&["identity, utf-8"], &[]),
            (&["deflate , br", "zstd"], &[Deflate, Brotli, Zstd]),
        ] {
            assert_eq!(codings(values, "text/html", page).unwrap(), expected);
        }
        assert_eq!(codings(&["lzma"], "", page), Err("lzma".to_owned()));
        assert!(codings(&["gzip,gzip,gzip,gzip,gzip,gzip"], "", page).is_err());
        for (value, kind, url) in [
            ("gzip", "application/x-tar", "http://h/a.TAR.GZ?x"),
            ("x-gzip", "application/gzip; x=y", "http://h/a"),
            ("br", "", "http://h/a.br"),
            ("zstd", "application/zstd", "http://h/a"),
        ] {
            assert_eq!(codings(&[value], kind, url).unwrap(), [], "{url}");
        }
    }
}
