//! The unit of work: one page, from the request to what became of it.

use std::fs::File;
use std::io;
use std::io::ErrorKind::{QuotaExceeded, StorageFull};
use std::time::SystemTime;

use anyhow::{Error, Result, anyhow, bail};
use reqwest::Url;
use timing::{Kind, Lane};
use tokio::time::Instant;

use super::Crawl;
use super::answer::{self, Answer, Failure, Retry};
use super::frontier::{Page, REDIRECTS};
use super::index::Entry;
use super::links::Found;
use super::robots::Denied;
use crate::connect;
use crate::disk::Disk;

/// Where a page leads to.
enum Next {
    Links(Vec<Url>),
    Redirect(Url),
    /// The page is to be requested later, and will have failed so many times.
    Later(Instant, u32),
}

impl Crawl {
    /// Downloads a page: from the request to the finished file and the links in it. What became of
    /// it is noted; a page that fails stops no other. A page that has to wait is put back.
    pub async fn download(&self, page: Page, lane: &mut Lane, disk: Disk) {
        let started = Instant::now();
        let mut entry = Entry {
            url: page.url.to_string(),
            ..Entry::default()
        };
        let result = match self.obtain(&page, lane, disk, &mut entry).await {
            Ok(Next::Later(at, failures)) => return self.frontier.put_back(&page, at, failures),
            Ok(Next::Redirect(url)) => {
                entry.location = Some(url.to_string());
                let again = self.client.cookies_set() > 0;
                let redirected = self.frontier.redirected(&page, &url, again);
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
            self.stop_if_full(&error);
            entry.error = Some(format!("{error:#}"));
        }
        if entry.at.is_empty() {
            entry.at = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
            entry.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        }
        if let Err(error) = self.output.note(&entry) {
            self.stop_if_full(&error);
            entry.error.get_or_insert(format!("{error:#}"));
        }
        (self.observer)(&entry);
    }

    /// Requests no further page if the disk has no room for one.
    fn stop_if_full(&self, error: &Error) {
        let mut causes = error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<io::Error>());
        if causes.any(|cause| matches!(cause.kind(), StorageFull | QuotaExceeded)) {
            self.frontier.stop();
        }
    }

    /// Gets a page from an earlier crawl, or from its server.
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
            let searched = self.searched(&page.url, &entry.content_type);
            let search = move || searched.file(File::open(path)?);
            let mut found = self.at_disk(disk, search).await??;
            if let Some(refresh) = &entry.refresh {
                found.add(refresh, &page.url);
            }
            return Ok(Next::Links(self.worth_following(found, entry)));
        }
        if let Some(why) = self.refusal(&page.url) {
            bail!("{why}");
        }
        if self.policy.robots {
            let permission = self.permission(page, lane, disk);
            match self.unless_dropped(permission).await? {
                // `robots.txt` was requested just now, or is to be requested again.
                Ok(Some(at)) => return Ok(Next::Later(at, page.failures)),
                Ok(None) => {}
                Err(denied @ Denied::Unreachable(_)) => bail!("{denied}"),
                Err(denied) => {
                    self.frontier.not_requested(page);
                    entry.skipped = Some(denied.to_string());
                    return Ok(Next::Links(Vec::new()));
                }
            }
        }
        match self.request(page, lane, disk, entry).await {
            Ok(next) => Ok(next),
            Err(failure) => self.retry(page, failure),
        }
    }

    /// Decides when to request a page again that failed.
    ///
    /// # Errors
    /// If it is not to be requested again.
    fn retry(&self, page: &Page, failure: Failure) -> Result<Next> {
        let mut back_off = self.back_off(page.failures).max(self.frontier.delay(page));
        if let Retry::ServerBackOff(asked) = failure.retry {
            back_off = asked.unwrap_or(back_off);
            if back_off > answer::LONGEST_BACK_OFF {
                self.note_refusal(&page.url, &failure.error);
                return Err(failure.error);
            }
            self.frontier.back_off(page, Instant::now() + back_off);
        }
        if failure.retry == Retry::Never || page.failures == self.policy.retries {
            let tries = page.failures + 1;
            return Err(match tries {
                1 => failure.error,
                _ => failure.error.context(format!("tried {tries} times")),
            });
        }
        Ok(Next::Later(Instant::now() + back_off, page.failures + 1))
    }

    /// Requests a page once.
    async fn request(
        &self,
        page: &Page,
        lane: &mut Lane,
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Next, Failure> {
        let mut url = page.url.clone();
        for _ in 0..=REDIRECTS {
            let cookies = self.client.cookies_set();
            let mut since = std::time::Instant::now();
            let answer = connect::timed(self.client.get(&url, &page.url));
            let (response, connected) = self.unless_dropped(answer).await?;
            if let Some((from, to)) = connected {
                lane.between(Kind::Wait, "connect", from, to);
                since = to;
            }
            lane.past(Kind::Wait, url.path().to_owned(), since);
            let response = response?;
            entry.status = Some(response.status().as_u16());
            entry.content_type = answer::content_type(&response);
            match self.output.judge(response, &url)? {
                // Such a page waits until its cookie comes back.
                Answer::Redirect(target)
                    if target == url && self.client.cookies_set() != cookies => {}
                Answer::Redirect(target) if self.output.follows_redirects() => url = target,
                Answer::Redirect(target) if self.policy.servers.allow(&target) => {
                    return Ok(Next::Redirect(target));
                }
                Answer::Redirect(target) => {
                    let why = format!("it redirects to {target}, on a server that is not allowed");
                    entry.skipped = Some(why);
                    return Ok(Next::Links(Vec::new()));
                }
                Answer::Page(response) => {
                    let found = self.receive(response, &page.url, lane, disk, entry).await?;
                    return Ok(Next::Links(self.worth_following(found, entry)));
                }
            }
        }
        Err(anyhow!("it redirects more than {REDIRECTS} times").into())
    }

    /// The links that the page and the policy allow to follow.
    fn worth_following(&self, found: Found, entry: &Entry) -> Vec<Url> {
        if entry.nofollow && self.policy.robots {
            return Vec::new();
        }
        let links = found.links.into_iter();
        links.filter(|url| self.policy.servers.allow(url)).collect()
    }
}
