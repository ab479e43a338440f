//! What is done with a body that was received: it is decoded, searched for links, and becomes a
//! file. All of this blocks.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use reqwest::Url;

use super::body::Body;
use super::coding::{self, Coding, Decoded};
use super::language::Language;
use super::links::{self, Found};
use super::sitemap;
use super::warc::{Archive, Exchange};
use crate::file::{Destination, Part};

/// The most bytes of a file that are searched for links.
const SEARCHED: u64 = 32 << 20;

/// A page whose links are searched for.
#[derive(Debug)]
pub struct Searched {
    /// Where it is.
    pub url: Url,
    /// The `Content-Type` of the answer.
    pub content_type: String,
    /// The name of this program, for which the page may have wishes.
    pub agent: String,
    /// Whether it may be a compressed sitemap.
    pub sitemaps: bool,
}

/// A body that was received, but for its bytes.
#[derive(Debug)]
pub struct Received {
    /// How it is searched; `None` if it is not.
    pub searched: Option<Searched>,
    /// How it was encoded, or the name of a coding that is not known.
    pub codings: Result<Vec<Coding>, String>,
    /// The link in a header beside it.
    pub refresh: Option<String>,
    /// Where its file goes.
    pub destination: Destination,
    /// The most bytes of the file.
    pub most: u64,
    /// Where the answer is archived, too.
    pub archive: Option<(Arc<Archive>, Exchange)>,
}

/// What came of a body.
#[derive(Debug)]
pub struct Finished {
    /// What was found in it.
    pub found: Found,
    /// Why it is kept as it came.
    pub remark: Option<String>,
    /// When it had been searched.
    pub searched: Instant,
    /// The length of its file.
    pub bytes: u64,
    /// Memory to be used again.
    pub memory: Vec<u8>,
}

impl Received {
    /// Decodes the body, searches it for links, and makes it a file. With a `length` it was shorter
    /// than that, which some servers say of what they compressed then. Browsers accept that.
    ///
    /// # Errors
    /// If it is too long, or the file can't be written or read, or it breaks off.
    pub fn finish(self, body: Body, length: Option<u64>) -> Result<Finished> {
        let decoded = match &self.codings {
            Ok(codings) if codings.is_empty() || body.is_empty() => None,
            Ok(codings) => Some(coding::decode(
                &body,
                codings,
                &self.destination,
                self.most,
            )?),
            Err(_) => Some(Decoded::Broken(Vec::new())),
        };
        if let Some(length) = length {
            match &decoded {
                Some(Decoded::Whole(whole)) if whole.bytes() == length => {}
                _ => bail!("it breaks off"),
            }
        }
        if let Some((archive, exchange)) = &self.archive {
            archive.add(exchange, body.bytes(), true, || body.reader())?;
        }
        let (body, start, remark) = match decoded {
            None => (body, None, None),
            Some(Decoded::Whole(decoded)) => (decoded, None, None),
            Some(Decoded::Broken(start)) => {
                let why = match &self.codings {
                    Ok(codings) => format!("it is no whole {}", coding::names(codings)),
                    Err(unknown) => format!("{unknown:?} is not known"),
                };
                let remark = format!("the body can't be decoded, and is kept as it came: {why}");
                (
                    body,
                    Some(start).filter(|start| !start.is_empty()),
                    Some(remark),
                )
            }
        };
        let Body { part, memory } = body;
        let mut part = part.map_or_else(|| Part::new(&self.destination), Ok)?;
        part.add(&memory, self.most)?;
        let mut found = Found::default();
        if let Some(searched) = &self.searched {
            found = match &start {
                // The links of a page that breaks off are those before that.
                Some(start) => searched.bytes(start),
                None if part.bytes() == memory.len() as u64 => searched.bytes(&memory),
                None => searched.file(part.reread()?)?,
            };
            if let Some(refresh) = &self.refresh {
                found.add(refresh, &searched.url);
            }
        }
        Ok(Finished {
            found,
            remark,
            searched: Instant::now(),
            bytes: part.finish()?,
            memory,
        })
    }
}

impl Searched {
    /// Searches a body for a title and links, if it is in a language that has links.
    fn bytes(&self, body: &[u8]) -> Found {
        let (kind, url) = (&self.content_type, &self.url);
        if self.is_packed(body) {
            let mut text = Vec::new();
            let reader = coding::decoder(&[Coding::Gzip], Box::new(body));
            // What breaks off may begin well.
            let _ = reader.and_then(|reader| reader.take(SEARCHED).read_to_end(&mut text));
            return links::find(Language::Xml, &text, "", url, &self.agent);
        }
        match self.language(body) {
            Some(language) => links::find(language, body, kind, url, &self.agent),
            None if self.sitemaps => Found {
                locations: sitemap::lines(body, kind, url),
                ..Found::default()
            },
            None => Found::default(),
        }
    }

    /// The language of a body that begins like this.
    fn language(&self, body: &[u8]) -> Option<Language> {
        match self.sitemaps && sitemap::is_one(body) {
            true => Some(Language::Xml),
            false => Language::of(&self.content_type, self.url.path(), body),
        }
    }

    /// Whether this may be a compressed sitemap.
    fn is_packed(&self, body: &[u8]) -> bool {
        let is_named = self.url.path().ends_with(".gz") || coding::is_gzip(&self.content_type);
        self.sitemaps && body.starts_with(&[0x1f, 0x8b]) && is_named
    }

    /// Searches the first [`SEARCHED`] bytes of a file.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn file(&self, file: File) -> Result<Found> {
        let (mut body, mut file) = (Vec::new(), file.take(SEARCHED));
        file.by_ref().take(512).read_to_end(&mut body)?;
        let is_text = self.sitemaps && sitemap::is_text(&self.content_type);
        if self.language(&body).is_some() || self.is_packed(&body) || is_text {
            file.read_to_end(&mut body)?;
        }
        Ok(self.bytes(&body))
    }
}
