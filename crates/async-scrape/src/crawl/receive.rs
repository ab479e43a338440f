//! Receiving a body, as fast as it comes and the disk takes it.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use reqwest::{Response, Url};
use timing::Lane;

use super::answer::Failure;
use super::body::{Body, IN_MEMORY};
use super::finish::{Finished, Received, Searched};
use super::index::Entry;
use super::links::Found;
use super::warc::Exchange;
use super::{Crawl, answer, coding, robots};
use crate::client::is_short;
use crate::disk::Disk;

/// A body that arrives slowly may take this many times the longest silence, and a second more for
/// each so many bytes. So a large file on a slow line arrives, and a byte a second for ever ends.
const PATIENCE: u32 = 3;
const LEAST_BYTES_A_SECOND: u64 = 1024;

impl Crawl {
    /// Receives the body into its file, and searches it for links.
    pub(super) async fn receive(
        &self,
        response: Response,
        url: &Url,
        lane: &mut Lane,
        disk: Disk,
        (entry, exchange): (&mut Entry, Option<Exchange>),
    ) -> Result<Found, Failure> {
        let searched = self.searched(url, &entry.content_type);
        entry.refresh = answer::refresh(&response);
        entry.nofollow = answer::says_nofollow(&response, &searched.agent);
        let length = response.content_length();
        let received = Received {
            searched: Some(searched).filter(|_| self.output.is_searched()),
            refresh: entry.refresh.clone(),
            codings: coding::of(response.headers(), &entry.content_type, url),
            destination: self.output.destination(url)?,
            most: self.policy.bytes,
            archive: self.archive.clone().zip(exchange),
        };
        let name = received.destination.name.clone();
        let receiving = lane.wait("receive");
        let (body, short) = self.receive_body(response, &received, disk).await?;
        drop(receiving);
        let length = length.filter(|_| short.is_some());
        // What is compressed may be long.
        let is_coded = received
            .codings
            .as_ref()
            .is_ok_and(|codings| !codings.is_empty());
        let bytes = Some(body.bytes()).filter(|_| !is_coded);
        let begun = Instant::now();
        let finish = move || received.finish(body, length);
        let (finished, kind) = self.calls.run(disk, bytes, finish).await?;
        let finished: Finished = match short {
            Some(short) => finished.map_err(|_| short)?,
            None => finished?,
        };
        self.buffers().push(finished.memory);
        lane.between(kind, "parse", begun, finished.searched);
        lane.past(kind, "write", finished.searched);
        let found = finished.found;
        (entry.file, entry.bytes) = (Some(name), finished.bytes);
        (entry.title, entry.links) = (found.title.clone(), found.links.len());
        entry.nofollow |= found.nofollow;
        entry.remark = finished.remark;
        Ok(found)
    }

    /// How the body of this page is searched.
    pub(super) fn searched(&self, url: &Url, content_type: &str) -> Searched {
        Searched {
            url: url.clone(),
            content_type: content_type.to_owned(),
            agent: robots::product(&self.user_agent).to_owned(),
            sitemaps: self.policy.sitemaps,
        }
    }

    /// Receives a body, as it is sent. If it is shorter than its server said, it may be the length
    /// before the compression: then that failure is returned beside it.
    async fn receive_body(
        &self,
        mut response: Response,
        received: &Received,
        disk: Disk,
    ) -> Result<(Body, Option<Failure>), Failure> {
        let expected = response.content_length().unwrap_or(0).min(IN_MEMORY as u64);
        let length = answer::length(&response);
        let is_coded = received.codings.as_ref().is_ok_and(|all| !all.is_empty());
        let mut body = Body {
            part: None,
            memory: self.buffers().pop().unwrap_or_default(),
        };
        body.memory.clear();
        body.memory.reserve(usize::try_from(expected).unwrap_or(0));
        let (begun, mut bytes) = (Instant::now(), 0);
        loop {
            let chunk = self.client.chunk(&mut response);
            let chunk = match self.unless_dropped(chunk).await? {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Ok((body, None)),
                Err(lost) if is_coded && is_short(&lost) => return Ok((body, Some(lost.into()))),
                Err(lost) => return Err(lost.into()),
            };
            bytes += chunk.len() as u64;
            let time = begun.elapsed();
            if time > self.longest(bytes) {
                let error = anyhow!("timed out: {bytes} bytes took {} s", time.as_secs());
                return Err(error.into());
            }
            body.memory.extend_from_slice(&chunk);
            if length.is_some_and(|length| bytes >= length) {
                return Ok((body, None));
            }
            if body.memory.len() >= IN_MEMORY {
                let (destination, most) = (received.destination.clone(), received.most);
                let append = move || body.spill(&destination, most).map(|()| body);
                // Nothing is received meanwhile: if the disk is slow, the server waits.
                let (appended, _) = self.calls.run(disk, None, append).await?;
                body = appended?;
            }
        }
    }

    /// How long a body of so many bytes may take.
    fn longest(&self, bytes: u64) -> Duration {
        self.client.timeout() * PATIENCE + Duration::from_secs(bytes / LEAST_BYTES_A_SECOND)
    }
}
