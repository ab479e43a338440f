//! The unit of work: one page, from the question to the finished file and what it leads to.

use std::fs::File;
use std::io::Read;
use std::time::SystemTime;

use anyhow::{Result, anyhow, bail};
use reqwest::{Response, StatusCode, Url};
use timing::{Kind, Lane};
use tokio::time::{Instant, sleep};

use super::answer::{self, Again, Trouble};
use super::frontier::Page;
use super::index::Entry;
use super::links::{self, Found, Language};
use super::robots::Denied;
use super::{Crawl, Output};
use crate::connect;
use crate::disk::Disk;
use crate::file::Part;

/// So much of a page is held in memory; what is longer goes to the disk as it comes.
const IN_MEMORY: usize = 1 << 20;

/// Links are looked for so far into a page.
const READ: u64 = 32 << 20;

impl Crawl {
    /// The unit of work: one page, from the question to the finished file and what it leads to.
    pub async fn download(&self, page: Page, lane: &mut Lane, disk: Disk) {
        let started = Instant::now();
        let mut entry = Entry {
            url: page.url.to_string(),
            ..Entry::default()
        };
        let led = tokio::select! {
            led = self.obtain(&page, lane, disk, &mut entry) => led,
            () = self.ended() => Err(anyhow!("interrupted")),
        };
        let led = match led {
            Ok(Led::Elsewhere(url)) => {
                entry.location = Some(url.to_string());
                self.frontier
                    .redirected(&page, &url)
                    .map_err(|error| anyhow!(error))
            }
            Ok(Led::To(links)) => {
                self.frontier.done(&page, &links);
                Ok(())
            }
            Err(error) => {
                self.frontier.done(&page, &[]);
                Err(error)
            }
        };
        if let Err(error) = led {
            entry.error = Some(format!("{error:#}"));
        }
        if entry.at.is_empty() {
            entry.at = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
            entry.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        }
        if let Output::Site(store) = &self.output
            && let Err(error) = store.note(&entry)
        {
            entry.error.get_or_insert(format!("{error:#}"));
        }
        (self.tell)(&entry);
    }

    async fn obtain(
        &self,
        page: &Page,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Led> {
        if let Some((old, path)) = self.site().and_then(|store| store.earlier(&page.url)) {
            *entry = old;
            self.frontier.spare(page);
            if let Some(location) = &entry.location {
                let target = Url::parse(location)?;
                return Ok(match self.rules.servers.allow(&target) {
                    true => Led::Elsewhere(target),
                    false => Led::To(Vec::new()),
                });
            }
            let (url, kind) = (page.url.clone(), entry.content_type.clone());
            let read = self.run(disk, move || read_back(&url, &kind, File::open(path)?));
            let found = read.await??;
            return Ok(Led::To(self.worth_following(found)));
        }
        if let Some(why) = self.closed(&page.url) {
            bail!("{why}");
        }
        if self.rules.robots {
            match self.permission(page, lane, disk).await {
                Ok(()) => {}
                Err(denied @ Denied::Lost(_)) => bail!("{denied}"),
                Err(denied) => {
                    self.frontier.spare(page);
                    entry.skipped = Some(denied.to_string());
                    return Ok(Led::To(Vec::new()));
                }
            }
        }
        let mut tries = 0;
        loop {
            let trouble = match self.attempt(page, lane, disk, entry).await {
                Ok(led) => return Ok(led),
                Err(trouble) => trouble,
            };
            let pause = self.pause(tries).max(self.frontier.delay(page));
            let pause = match trouble.again {
                Again::Pause(asked) => {
                    let pause = asked.unwrap_or(pause);
                    if pause > answer::PATIENCE {
                        self.refused(&page.url, &trouble.error);
                        return Err(trouble.error);
                    }
                    self.frontier.pause(page, Instant::now() + pause);
                    pause
                }
                _ => pause,
            };
            if trouble.again == Again::Never || tries == self.rules.retries {
                return Err(match tries {
                    0 => trouble.error,
                    _ => trouble.error.context(format!("tried {} times", tries + 1)),
                });
            }
            let _waiting = lane.wait("pause");
            sleep(pause).await;
            tries += 1;
        }
    }

    /// Asks once.
    async fn attempt(
        &self,
        page: &Page,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Led, Trouble> {
        let url = &page.url;
        // What was answered before is not the answer.
        entry.status = None;
        let mut since = std::time::Instant::now();
        let (response, connected) = connect::noted(self.client.get(url.clone()).send()).await;
        if let Some((from, to)) = connected {
            lane.between(Kind::Wait, "connect", from, to);
            since = to;
        }
        lane.past(Kind::Wait, url.path().to_owned(), since);
        let response = response?;
        entry.status = Some(response.status().as_u16());
        entry.content_type = answer::content_type(&response);
        let response = match self.site() {
            Some(_) => {
                if let Some(target) = answer::elsewhere(&response, url)? {
                    if !self.rules.servers.allow(&target) {
                        entry.skipped = Some(format!(
                            "it redirects to {target}, on a server that is not allowed"
                        ));
                        return Ok(Led::To(Vec::new()));
                    }
                    return Ok(Led::Elsewhere(target));
                }
                answer::page(response)?
            }
            // As in the course, whatever the status; but not what a server says that is too busy to answer.
            None if response.status() == StatusCode::TOO_MANY_REQUESTS => answer::page(response)?,
            None => response,
        };
        let found = self.receive(response, url, lane, disk, entry).await?;
        Ok(Led::To(self.worth_following(found)))
    }

    /// The body, into the file.
    async fn receive(
        &self,
        mut response: Response,
        url: &Url,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Found, Trouble> {
        let most = self.rules.bytes;
        let expected = response.content_length().unwrap_or(0).min(IN_MEMORY as u64);
        let mut memory = self.buffers().pop().unwrap_or_default();
        memory.clear();
        memory.reserve(usize::try_from(expected).unwrap_or(0));
        let place = self.place(url)?;
        let mut part: Option<Part> = None;
        let receiving = lane.wait("receive");
        while let Some(chunk) = response.chunk().await? {
            memory.extend_from_slice(&chunk);
            if memory.len() >= IN_MEMORY {
                let (before, place) = (part.take(), place.clone());
                // Nothing is received meanwhile: if the disk is slow, the server waits.
                (part, memory) = self
                    .run(disk, move || {
                        let mut part = before.map_or_else(|| Part::new(&place), Ok)?;
                        part.add(&memory, most)?;
                        memory.clear();
                        anyhow::Ok((Some(part), memory))
                    })
                    .await??;
            }
        }
        drop(receiving);
        let (begun, is_site) = (std::time::Instant::now(), self.site().is_some());
        let (url, kind, at) = (url.clone(), entry.content_type.clone(), place.clone());
        let (found, parsed, bytes, memory) = self
            .run(disk, move || {
                let mut part = part.map_or_else(|| Part::new(&at), Ok)?;
                part.add(&memory, most)?;
                let found = match is_site {
                    true if part.bytes() == memory.len() as u64 => look(&url, &kind, &memory),
                    true => read_back(&url, &kind, part.reread()?)?,
                    false => Found::default(),
                };
                let parsed = std::time::Instant::now();
                anyhow::Ok((found, parsed, part.finish()?, memory))
            })
            .await??;
        self.buffers().push(memory);
        // Somebody else did it, or this thread.
        let kind = if disk == Disk::Here {
            Kind::Work
        } else {
            Kind::Wait
        };
        lane.between(kind, "parse", begun, parsed);
        lane.past(kind, "write", parsed);
        (entry.file, entry.bytes) = (Some(place.name), bytes);
        (entry.title, entry.links) = (found.title.clone(), found.links.len());
        Ok(found)
    }

    fn worth_following(&self, found: Found) -> Vec<Url> {
        if found.nofollow && self.rules.robots || self.site().is_none() {
            return Vec::new();
        }
        let links = found.links.into_iter();
        links.filter(|url| self.rules.servers.allow(url)).collect()
    }
}

/// What a page led to.
enum Led {
    To(Vec<Url>),
    Elsewhere(Url),
}

/// What a body says, if it is of a kind that has links.
fn look(url: &Url, content_type: &str, body: &[u8]) -> Found {
    match Language::of(content_type, body) {
        Some(language) => links::find(language, body, content_type, url),
        None => Found::default(),
    }
}

/// The same of a file, or of the first [`READ`] bytes of it.
fn read_back(url: &Url, content_type: &str, file: File) -> Result<Found> {
    let (mut body, mut file) = (Vec::new(), file.take(READ));
    file.by_ref().take(512).read_to_end(&mut body)?;
    if Language::of(content_type, &body).is_some() {
        file.read_to_end(&mut body)?;
    }
    Ok(look(url, content_type, &body))
}
