//! Content codings: how a server compressed a body (`Content-Encoding`).
//!
//! Only gzip is asked for, and some servers send others all the same. Decoding here, and not in the
//! HTTP client, keeps a body that can't be decoded as it came.

use std::io::{self, BufRead, BufReader, Read};

use anyhow::Result;
use brotli_decompressor::Decompressor;
use encoding_rs::Encoding;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use reqwest::Url;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, TRANSFER_ENCODING};

use super::body::{Body, IN_MEMORY};
use crate::file::Destination;
use frames::Frames;

mod frames;

/// The most codings of one body. More are a trap.
const MOST: usize = 5;

/// The types of files that are compressed by gzip.
const GZIP: [&str; 3] = [
    "application/gzip",
    "application/x-gzip",
    "application/x-gunzip",
];

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
    let of_content = headers.get_all(CONTENT_ENCODING).iter();
    // Some servers compress for the transfer, unasked. Chunks are joined already.
    for header in of_content.chain(headers.get_all(TRANSFER_ENCODING)) {
        let text = String::from_utf8_lossy(header.as_bytes()).to_ascii_lowercase();
        for name in text.split(',') {
            // A parameter means nothing here: `gzip;q=1`.
            let name = without_parameters(name);
            codings.push(match name {
                name if is_none(name) => continue,
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" | "x-deflate" => Coding::Deflate,
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
        let kind = without_parameters(content_type);
        let (endings, kinds): (&[&str], &[&str]) = match coding {
            Coding::Gzip => (&[".gz", ".tgz", ".svgz"], &GZIP),
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

/// Whether this name, where a coding should be named, means that the body is not compressed. Some
/// servers write the charset or the type there, and a store of files passes on how it got them.
fn is_none(name: &str) -> bool {
    const NONE: [&str; 12] = [
        "",
        "identity",
        "none",
        "chunked",
        "aws-chunked",
        "binary",
        "7bit",
        "8bit",
        "plain",
        "null",
        "false",
        "off",
    ];
    NONE.contains(&name) || name.contains('/') || Encoding::for_label(name.as_bytes()).is_some()
}

/// A type, or a coding, without its parameters.
pub fn without_parameters(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

/// Whether this is the type of a file that is compressed by gzip.
pub fn is_gzip(content_type: &str) -> bool {
    let kind = without_parameters(content_type);
    GZIP.iter().any(|name| kind.eq_ignore_ascii_case(name))
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

/// What came of the decoding of a body.
#[derive(Debug)]
pub enum Decoded {
    /// All of it was decoded.
    Whole(Body),
    /// It breaks off or is no such coding: only this was decoded, and the body is to be kept as it
    /// is. If the body is long, the beginning is missing here.
    Broken(Vec<u8>),
}

/// Decodes a body.
///
/// # Errors
/// If a file can't be read or written, or the decoded body is longer than `most` bytes.
pub fn decode(
    body: &Body,
    codings: &[Coding],
    destination: &Destination,
    most: u64,
) -> Result<Decoded> {
    let mut to = Body::default();
    let Ok(mut decoder) = decoder(codings, body.reader()?) else {
        return Ok(Decoded::Broken(Vec::new()));
    };
    loop {
        let before = to.memory.len();
        let mut part = decoder.by_ref().take(IN_MEMORY as u64);
        if part.read_to_end(&mut to.memory).is_err() {
            return Ok(Decoded::Broken(to.memory));
        }
        if to.memory.len() == before {
            return Ok(Decoded::Whole(to));
        }
        if to.memory.len() >= IN_MEMORY {
            to.spill(destination, most)?;
        }
    }
}

/// Makes a reader of what was encoded.
///
/// # Errors
/// If a coding is seen to be another one by its first bytes.
pub fn decoder<'r>(
    codings: &[Coding],
    from: Box<dyn BufRead + 'r>,
) -> io::Result<Box<dyn Read + 'r>> {
    let mut from: Box<dyn BufRead + 'r> = from;
    for coding in codings.iter().rev() {
        from = Box::new(BufReader::new(coding.decoder(from)?));
    }
    Ok(from)
}

impl Coding {
    fn decoder<'r>(self, mut from: Box<dyn BufRead + 'r>) -> io::Result<Box<dyn Read + 'r>> {
        let head = from.fill_buf()?.first_chunk().copied().unwrap_or_default();
        let is_gzip = head == [0x1f, 0x8b];
        // The first two bytes of the zlib format are a multiple of 31.
        let is_zlib = head[0] & 0xf == 8 && u16::from_be_bytes(head).is_multiple_of(31);
        Ok(match self {
            // Servers take the two for each other.
            Self::Gzip | Self::Deflate if is_gzip => {
                Box::new(Members(Some(GzDecoder::new(from)), false))
            }
            Self::Gzip | Self::Deflate if is_zlib => Box::new(ZlibDecoder::new(from)),
            Self::Gzip => return Err(io::ErrorKind::InvalidData.into()),
            Self::Deflate => Box::new(DeflateDecoder::new(from)),
            Self::Brotli => Box::new(Decompressor::new(from, 4096)),
            Self::Zstd => Box::new(Frames::of(from)?),
        })
    }
}

/// The members of a gzip stream, one after the other. What follows the last one, padding for
/// example, is ignored. `None` if all are read; and whether one is.
struct Members<R>(Option<GzDecoder<R>>, bool);

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            let read = match member.read(buffer) {
                // What has no head of a member is none, though it begins like one.
                Err(_) if self.1 && member.header().is_none() => return Ok(0),
                read => read?,
            };
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let rest = self.0.take().map(GzDecoder::into_inner);
            if let Some(mut rest) = rest
                && rest.fill_buf()?.first() == Some(&0x1f)
            {
                *self = Self(Some(GzDecoder::new(rest)), true);
            }
        }
        Ok(0)
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
            (&["aws-chunked,gzip"], &[Gzip]),
            (&["windows-1251", "text/html", "binary"], &[]),
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
