//! The unit of work: one page, from the request to what became of it.

use std::fs::File;
use std::io;
use std::io::ErrorKind::{QuotaExceeded, StorageFull};
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Error, Result, anyhow, bail};
use reqwest::{StatusCode, Url};
use timing::{Kind, Lane};
use tokio::time::Instant;

use super::Crawl;
use super::answer::{self, Answer, Failure, Retry};
use super::frontier::{Page, REDIRECTS};
use super::index::Entry;
use super::links::Found;
use super::robots::Denied;
use super::warc::Exchange;
use crate::client::Validators;
use crate::connect;
use crate::disk::Disk;

/// Where a sitemap is, if `robots.txt` does not name it.
pub const SITEMAP: &str = "/sitemap.xml";

/// Where a page leads to.
enum Next {
    Links(Vec<String>),
    /// To the pages that a sitemap names.
    Sitemap(Vec<String>),
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
            Ok(Next::Sitemap(pages)) => {
                self.frontier.listed(&page, &pages);
                Ok(())
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
        if result.is_err() && self.is_sitemap_missing(&page.url, &entry) {
            entry.skipped = Some("there is no sitemap".to_owned());
        } else if let Err(error) = result {
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
        let mut earlier = self.output.earlier(&page.url);
        if !self.output.checks_again()
            && let Some(earlier) = earlier.take()
        {
            self.frontier.not_requested(page);
            return self.unchanged(page, earlier, disk, entry).await;
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
        match self.request(page, lane, disk, entry, earlier).await {
            Ok(next) => Ok(next),
            Err(failure) => self.retry(page, failure),
        }
    }

    /// Takes a page from an earlier crawl.
    async fn unchanged(
        &self,
        page: &Page,
        (earlier, path): (Entry, PathBuf),
        disk: Disk,
        entry: &mut Entry,
    ) -> Result<Next> {
        *entry = earlier;
        if let Some(location) = &entry.location {
            let target = Url::parse(location)?;
            return Ok(match self.takes(&target) {
                true => Next::Redirect(target),
                false => Next::Links(Vec::new()),
            });
        }
        let searched = self.searched(&page.url, &entry.content_type);
        let search = move || searched.file(File::open(path)?);
        let (found, _) = self.calls.run(disk, None, search).await?;
        let mut found = found?;
        if let Some(refresh) = &entry.refresh {
            found.add(refresh, &page.url);
        }
        Ok(self.next(found, entry))
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
        if failure.retry == Retry::Otherwise {
            let then = Instant::now() + self.frontier.delay(page);
            return Ok(Next::Later(then, page.failures));
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
        earlier: Option<(Entry, PathBuf)>,
    ) -> Result<Next, Failure> {
        let earlier = earlier.filter(|(entry, _)| entry.file.is_some());
        let unless = earlier.as_ref().map(|(entry, _)| &entry.validators);
        let origin = self.origin(&page.url);
        let mut url = page.url.clone();
        for _ in 0..=REDIRECTS {
            let cookies = self.client.cookies_set();
            let mut exchange = self.archive.as_ref().map(|_| {
                let head = self.client.head(&url, origin, unless);
                Exchange::begin(&url, head)
            });
            let mut since = std::time::Instant::now();
            let answer = connect::timed(self.client.get(&url, origin, unless));
            let (response, connected) = self.unless_dropped(answer).await?;
            if let Some((from, to)) = connected {
                lane.between(Kind::Wait, "connect", from, to);
                since = to;
            }
            lane.past(Kind::Wait, url.path().to_owned(), since);
            let mut response = response?;
            if let Some((archive, exchange)) = self.archive.as_ref().zip(exchange.as_mut()) {
                let noting = archive.answered(&self.client, exchange, &mut response);
                self.unless_dropped(noting).await??;
            }
            entry.status = Some(response.status().as_u16());
            if response.status() == StatusCode::NOT_MODIFIED
                && let Some((mut earlier, path)) = earlier
            {
                (earlier.status, earlier.at) = (entry.status, String::new());
                return Ok(self.unchanged(page, (earlier, path), disk, entry).await?);
            }
            entry.content_type = answer::content_type(&response);
            entry.validators = Validators::of(response.headers());
            match self.output.judge(response, &url)? {
                // Such a page waits until its cookie comes back.
                Answer::Redirect(target)
                    if target == url && self.client.cookies_set() != cookies => {}
                Answer::Redirect(target) if self.output.follows_redirects() => url = target,
                Answer::Redirect(target) if self.takes(&target) => {
                    return Ok(Next::Redirect(target));
                }
                Answer::Redirect(target) => {
                    let why = match self.policy.servers.allow(&target) {
                        true => "which is left out",
                        false => "on a server that is not allowed",
                    };
                    entry.skipped = Some(format!("it redirects to {target}, {why}"));
                    return Ok(Next::Links(Vec::new()));
                }
                // It is there: that is all that was asked.
                Answer::Page(_) if !self.policy.servers.allow(&page.url) => {
                    return Ok(Next::Links(Vec::new()));
                }
                Answer::Page(response) => {
                    let found = self
                        .receive(response, &page.url, lane, disk, (entry, exchange))
                        .await?;
                    return Ok(self.next(found, entry));
                }
            }
        }
        Err(anyhow!("it redirects more than {REDIRECTS} times").into())
    }

    /// The page whose server may get the user's secrets. A server that is only checked gets none.
    pub(super) fn origin<'p>(&'p self, url: &'p Url) -> &'p Url {
        match self.policy.servers.allow(url) {
            true => url,
            false => self.seeds.first().unwrap_or(url),
        }
    }

    /// The links that the page and the policy allow to follow.
    fn next(&self, found: Found, entry: &Entry) -> Next {
        let worth_following =
            |links: Vec<String>| links.into_iter().filter(|url| self.takes(url)).collect();
        if self.policy.sitemaps && !found.locations.is_empty() {
            return Next::Sitemap(worth_following(found.locations));
        }
        if entry.nofollow && self.policy.robots {
            return Next::Links(Vec::new());
        }
        Next::Links(worth_following(found.links))
    }

    /// Whether a link is followed here. One to a server of another shard is noted.
    fn takes(&self, url: &(impl AsRef<str> + ?Sized)) -> bool {
        if !self.policy.follows(url) {
            return false;
        }
        let is_here = self.policy.scope.is_here(url);
        // Other servers are checked at most, and are nobody's part.
        if !is_here && self.policy.servers.allow(url) {
            let mut elsewhere = self.elsewhere.lock().expect("nobody panicked");
            elsewhere.insert(url.as_ref().to_owned());
        }
        is_here
    }

    /// Whether this is a sitemap that was looked for at the usual place, and is not there.
    fn is_sitemap_missing(&self, url: &Url, entry: &Entry) -> bool {
        let is_client_error = |status| (400..500).contains(&status);
        self.policy.sitemaps && url.path() == SITEMAP && entry.status.is_some_and(is_client_error)
    }
}
