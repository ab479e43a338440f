//! The unit of work: one page, from the request to the finished file and the links in it.

use std::fs::File;
use std::io::Read;
use std::time::SystemTime;

use anyhow::{Result, anyhow, bail};
use reqwest::{Response, Url};
use timing::{Kind, Lane};
use tokio::time::{Instant, sleep};

use super::Crawl;
use super::answer::{self, Answer, Failure, Retry};
use super::frontier::Page;
use super::index::Entry;
use super::links::{self, Found, Language};
use super::robots::Denied;
use crate::connect;
use crate::disk::Disk;
use crate::file::Part;

/// The most bytes of a body that are held in memory. A longer body goes to the disk as it arrives.
const IN_MEMORY: usize = 1 << 20;

/// The most bytes of a file that are searched for links.
const SEARCHED: u64 = 32 << 20;

/// Where a page leads to.
enum Next {
    Links(Vec<Url>),
    Redirect(Url),
}

impl Crawl {
    /// Downloads a page: from the request to the finished file and the links in it. What became of
    /// it is noted; a page that fails stops no other.
    pub async fn download(&self, page: Page, lane: &mut Lane, disk: Disk) {
        let started = Instant::now();
        let mut entry = Entry {
            url: page.url.to_string(),
            ..Entry::default()
        };
        let next = tokio::select! {
            next = self.obtain(&page, lane, disk, &mut entry) => next,
            () = self.deadline() => Err(anyhow!("interrupted")),
        };
        let result = match next {
            Ok(Next::Redirect(url)) => {
                entry.location = Some(url.to_string());
                let redirected = self.frontier.redirected(&page, &url);
                redirected.map_err(|error| anyhow!(error))
            }
            Ok(Next::Links(links)) => {
                self.frontier.done(&page, &links);
                Ok(())
            }
            Err(error) => {
                self.frontier.done(&page, &[]);
                Err(error)
            }
        };
        if let Err(error) = result {
            entry.error = Some(format!("{error:#}"));
        }
        if entry.at.is_empty() {
            entry.at = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
            entry.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        }
        if let Err(error) = self.output.note(&entry) {
            entry.error.get_or_insert(format!("{error:#}"));
        }
        (self.observer)(&entry);
    }

    /// Gets a page from an earlier crawl, or from its server, with retries.
    async fn obtain(
        &self,
        page: &Page,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Next> {
        if let Some((earlier, path)) = self.output.earlier(&page.url) {
            *entry = earlier;
            self.frontier.not_requested(page);
            if let Some(location) = &entry.location {
                let target = Url::parse(location)?;
                return Ok(match self.policy.servers.allow(&target) {
                    true => Next::Redirect(target),
                    false => Next::Links(Vec::new()),
                });
            }
            let (url, kind) = (page.url.clone(), entry.content_type.clone());
            let search = move || search_file(&url, &kind, File::open(path)?);
            let found = self.at_disk(disk, search).await??;
            return Ok(Next::Links(self.worth_following(found)));
        }
        if let Some(why) = self.refusal(&page.url) {
            bail!("{why}");
        }
        if self.policy.robots {
            match self.permission(page, lane, disk).await {
                Ok(()) => {}
                Err(denied @ Denied::Unreachable(_)) => bail!("{denied}"),
                Err(denied) => {
                    self.frontier.not_requested(page);
                    entry.skipped = Some(denied.to_string());
                    return Ok(Next::Links(Vec::new()));
                }
            }
        }
        let mut retries = 0;
        loop {
            let failure = match self.request(page, lane, disk, entry).await {
                Ok(next) => return Ok(next),
                Err(failure) => failure,
            };
            let mut back_off = self.back_off(retries).max(self.frontier.delay(page));
            if let Retry::ServerBackOff(asked) = failure.retry {
                back_off = asked.unwrap_or(back_off);
                if back_off > answer::LONGEST_BACK_OFF {
                    self.note_refusal(&page.url, &failure.error);
                    return Err(failure.error);
                }
                self.frontier.back_off(page, Instant::now() + back_off);
            }
            if failure.retry == Retry::Never || retries == self.policy.retries {
                return Err(match retries {
                    0 => failure.error,
                    _ => failure
                        .error
                        .context(format!("tried {} times", retries + 1)),
                });
            }
            let _waiting = lane.wait("pause");
            sleep(back_off).await;
            retries += 1;
        }
    }

    /// Requests a page once.
    async fn request(
        &self,
        page: &Page,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Next, Failure> {
        let url = &page.url;
        // The status of an earlier try is not that of this one.
        entry.status = None;
        let mut since = std::time::Instant::now();
        let (response, connected) = connect::timed(self.client.get(url.clone()).send()).await;
        if let Some((from, to)) = connected {
            lane.between(Kind::Wait, "connect", from, to);
            since = to;
        }
        lane.past(Kind::Wait, url.path().to_owned(), since);
        let response = response?;
        entry.status = Some(response.status().as_u16());
        entry.content_type = answer::content_type(&response);
        match self.output.judge(response, url)? {
            Answer::Redirect(target) if self.policy.servers.allow(&target) => {
                Ok(Next::Redirect(target))
            }
            Answer::Redirect(target) => {
                let why = format!("it redirects to {target}, on a server that is not allowed");
                entry.skipped = Some(why);
                Ok(Next::Links(Vec::new()))
            }
            Answer::Page(response) => {
                let found = self.receive(response, url, lane, disk, entry).await?;
                Ok(Next::Links(self.worth_following(found)))
            }
        }
    }

    /// Receives the body into its file, and searches it for links.
    async fn receive(
        &self,
        mut response: Response,
        url: &Url,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Found, Failure> {
        let most = self.policy.bytes;
        let expected = response.content_length().unwrap_or(0).min(IN_MEMORY as u64);
        let mut memory = self.buffers().pop().unwrap_or_default();
        memory.clear();
        memory.reserve(usize::try_from(expected).unwrap_or(0));
        let destination = self.output.destination(url)?;
        let mut part: Option<Part> = None;
        let receiving = lane.wait("receive");
        while let Some(chunk) = response.chunk().await? {
            memory.extend_from_slice(&chunk);
            if memory.len() >= IN_MEMORY {
                let (before, destination) = (part.take(), destination.clone());
                let append = move || {
                    let mut part = before.map_or_else(|| Part::new(&destination), Ok)?;
                    part.add(&memory, most)?;
                    memory.clear();
                    anyhow::Ok((Some(part), memory))
                };
                // Nothing is received meanwhile: if the disk is slow, the server waits.
                (part, memory) = self.at_disk(disk, append).await??;
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
            let mut part = part.map_or_else(|| Part::new(&destination), Ok)?;
            part.add(&memory, most)?;
            let found = match is_searched {
                true if part.bytes() == memory.len() as u64 => search(&url, &kind, &memory),
                true => search_file(&url, &kind, part.reread()?)?,
                false => Found::default(),
            };
            let parsed = std::time::Instant::now();
            anyhow::Ok((found, parsed, part.finish()?, memory))
        };
        let (found, parsed, bytes, memory) = self.at_disk(disk, finish).await??;
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
        Ok(found)
    }

    /// The links that the page and the policy allow to follow.
    fn worth_following(&self, found: Found) -> Vec<Url> {
        if found.nofollow && self.policy.robots {
            return Vec::new();
        }
        let links = found.links.into_iter();
        links.filter(|url| self.policy.servers.allow(url)).collect()
    }
}

/// Searches a body for a title and links, if it is in a language that has links.
fn search(url: &Url, content_type: &str, body: &[u8]) -> Found {
    match Language::of(content_type, body) {
        Some(language) => links::find(language, body, content_type, url),
        None => Found::default(),
    }
}

/// Searches the first [`SEARCHED`] bytes of a file.
fn search_file(url: &Url, content_type: &str, file: File) -> Result<Found> {
    let (mut body, mut file) = (Vec::new(), file.take(SEARCHED));
    file.by_ref().take(512).read_to_end(&mut body)?;
    if Language::of(content_type, &body).is_some() {
        file.read_to_end(&mut body)?;
    }
    Ok(search(url, content_type, &body))
}
