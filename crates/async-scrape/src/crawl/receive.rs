//! Receiving: from the head of an answer to the finished file and the links in it.

use std::fs::File;
use std::io::Read;
use std::time::Duration;

use anyhow::{Result, anyhow};
use reqwest::{Response, Url};
use timing::{Kind, Lane};

use super::answer::Failure;
use super::body::{Body, IN_MEMORY};
use super::coding::Decoded;
use super::index::Entry;
use super::language::Language;
use super::links::{self, Found};
use super::{Crawl, answer, coding, robots};
use crate::disk::Disk;
use crate::file::Part;

/// The most bytes of a file that are searched for links.
const SEARCHED: u64 = 32 << 20;

/// A body that arrives slowly may take this many times the longest silence, and a second more for
/// each so many bytes. So a large file on a slow line arrives, and a byte a second for ever ends.
const PATIENCE: u32 = 3;
const LEAST_BYTES_A_SECOND: u64 = 1024;

impl Crawl {
    /// Receives the body into its file, and searches it for links.
    pub(super) async fn receive(
        &self,
        mut response: Response,
        url: &Url,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Found, Failure> {
        let most = self.policy.bytes;
        let expected = response.content_length().unwrap_or(0).min(IN_MEMORY as u64);
        let length = answer::length(&response);
        let codings = coding::of(response.headers(), &entry.content_type, url);
        let refresh = answer::refresh(&response);
        let agent = robots::product(&self.user_agent).to_owned();
        entry.nofollow = answer::says_nofollow(&response, &agent);
        let mut body = Body {
            part: None,
            memory: self.buffers().pop().unwrap_or_default(),
        };
        body.memory.clear();
        body.memory.reserve(usize::try_from(expected).unwrap_or(0));
        let destination = self.output.destination(url)?;
        let receiving = lane.wait("receive");
        let (begun, mut received) = (std::time::Instant::now(), 0);
        while let Some(chunk) = self
            .unless_dropped(self.client.chunk(&mut response))
            .await??
        {
            received += chunk.len() as u64;
            if begun.elapsed() > self.longest(received) {
                let seconds = begun.elapsed().as_secs();
                let error = anyhow!("timed out: {received} bytes took {seconds} s");
                return Err(error.into());
            }
            body.memory.extend_from_slice(&chunk);
            if length.is_some_and(|length| received >= length) {
                break;
            }
            if body.memory.len() >= IN_MEMORY {
                let destination = destination.clone();
                let append = move || body.spill(&destination, most).map(|()| body);
                // Nothing is received meanwhile: if the disk is slow, the server waits.
                body = self.at_disk(disk, append).await??;
            }
        }
        drop(receiving);
        let (begun, is_searched) = (std::time::Instant::now(), self.output.is_searched());
        let (url, kind, name) = (
            url.clone(),
            entry.content_type.clone(),
            destination.name.clone(),
        );
        let finish = move || {
            let (mut remark, mut begun) = (None, Vec::new());
            let body = match codings {
                Ok(codings) if codings.is_empty() || body.is_empty() => body,
                Ok(codings) => match coding::decode(&body, &codings, &destination, most)? {
                    Decoded::Whole(decoded) => decoded,
                    Decoded::Broken(decoded) => {
                        remark = Some(format!("it is no whole {}", coding::names(&codings)));
                        begun = decoded;
                        body
                    }
                },
                Err(unknown) => {
                    remark = Some(format!("{unknown:?} is not known"));
                    body
                }
            };
            let Body { part, memory } = body;
            let mut part = part.map_or_else(|| Part::new(&destination), Ok)?;
            part.add(&memory, most)?;
            let mut found = match is_searched {
                // The links of a page that breaks off are those before that.
                true if !begun.is_empty() => search(&url, &kind, &begun, &agent),
                true if part.bytes() == memory.len() as u64 => search(&url, &kind, &memory, &agent),
                true => search_file(&url, &kind, part.reread()?, &agent)?,
                false => Found::default(),
            };
            if let Some(refresh) = refresh.filter(|_| is_searched) {
                found.add(&refresh, &url);
            }
            let parsed = std::time::Instant::now();
            anyhow::Ok((found, remark, parsed, part.finish()?, memory))
        };
        let (found, remark, parsed, bytes, memory) = self.at_disk(disk, finish).await??;
        self.buffers().push(memory);
        // This worker did it itself, or waited for a thread of the pool.
        let kind = match disk {
            Disk::ThisThread => Kind::Work,
            Disk::Pool => Kind::Wait,
        };
        lane.between(kind, "parse", begun, parsed);
        lane.past(kind, "write", parsed);
        (entry.file, entry.bytes) = (Some(name), bytes);
        (entry.title, entry.links) = (found.title.clone(), found.links.len());
        entry.nofollow |= found.nofollow;
        entry.remark =
            remark.map(|why| format!("the body can't be decoded, and is kept as it came: {why}"));
        Ok(found)
    }

    /// How long a body of so many bytes may take.
    fn longest(&self, bytes: u64) -> Duration {
        self.client.timeout() * PATIENCE + Duration::from_secs(bytes / LEAST_BYTES_A_SECOND)
    }
}

/// Searches a body for a title and links, if it is in a language that has links.
fn search(url: &Url, content_type: &str, body: &[u8], agent: &str) -> Found {
    match Language::of(content_type, url.path(), body) {
        Some(language) => links::find(language, body, content_type, url, agent),
        None => Found::default(),
    }
}

/// Searches the first [`SEARCHED`] bytes of a file.
///
/// # Errors
/// If it can't be read.
pub(super) fn search_file(url: &Url, content_type: &str, file: File, agent: &str) -> Result<Found> {
    let (mut body, mut file) = (Vec::new(), file.take(SEARCHED));
    file.by_ref().take(512).read_to_end(&mut body)?;
    if Language::of(content_type, url.path(), &body).is_some() {
        file.read_to_end(&mut body)?;
    }
    Ok(search(url, content_type, &body, agent))
}
