//! What servers ask of crawlers: the rules of `robots.txt`, and back-offs.

use std::sync::PoisonError;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::Error;
use reqwest::Url;
use timing::Lane;
use tokio::time::Instant;

use super::answer::{LONGEST_BACK_OFF, Retry};
use super::frontier::Page;
use super::robots::{self, Denied, RobotsTxt};
use super::{Crawl, address};
use crate::disk::Disk;

/// After so many pages that asked for a long back-off, a server is asked for nothing more.
const MOST_REFUSALS: u32 = 3;

impl Crawl {
    /// Checks whether `robots.txt` allows this page. The first worker that asks requests the file,
    /// and all others wait for it. Returns from when on the page may be requested, if not at once.
    pub(super) async fn permission(
        &self,
        page: &Page,
        lane: &mut Lane,
        disk: Disk,
    ) -> Result<Option<Instant>, Denied> {
        let server = self.robots.of(&page.url);
        if let Some(robots) = server.file.get() {
            return robots.allows(&page.url).map(|()| None);
        }
        let _waiting = lane.wait("robots.txt");
        let fetch = || self.robots_txt(page, disk, &server.failures);
        let robots = match server.file.get_or_try_init(fetch).await {
            Ok(robots) => robots,
            Err(again) => {
                self.frontier.back_off(page, again);
                return Ok(Some(again));
            }
        };
        if self.policy.sitemaps {
            let named = robots.sitemaps().iter();
            let named = named.filter_map(|url| page.url.join(url).ok());
            let named = named.filter_map(|url| address::clean_link(url).ok());
            self.frontier
                .add(named.filter(|url| self.policy.follows(url)));
        }
        let delay = robots.crawl_delay();
        // A server that is not crawled keeps no page waiting. But a rule that disallows this page
        // does not change the delay of the server's others.
        let delay = delay.filter(|_| robots.allows(&page.url) != Err(Denied::TooSlow));
        self.frontier.set_crawl_delay(page, delay);
        robots.allows(&page.url)?;
        let delay = self.frontier.delay(page);
        Ok((!delay.is_zero()).then(|| Instant::now() + delay))
    }

    /// Requests the `robots.txt` of this page's server.
    ///
    /// # Errors
    /// If it is to be requested again: from when on.
    async fn robots_txt(
        &self,
        page: &Page,
        disk: Disk,
        failures: &AtomicU32,
    ) -> Result<RobotsTxt, Instant> {
        let archive = self.archive.as_deref();
        let (servers, origin) = (&self.policy.servers, self.origin(&page.url));
        let fetched = robots::fetch(&self.client, servers, &page.url, origin, archive).await;
        let failure = match fetched {
            Ok(None) => return Ok(RobotsTxt::Unavailable),
            Ok(Some(file)) => {
                let agent = self.user_agent.clone();
                // A long file takes too much time for the thread of all tasks.
                let parse = move || RobotsTxt::parse(&agent, &file);
                let parsed = self.calls.run(disk, None, parse).await;
                return Ok(match parsed {
                    Ok((parsed, _)) => parsed,
                    Err(error) => RobotsTxt::Unreachable(format!("{error:#}")),
                });
            }
            Err(failure) => failure,
        };
        if failure.retry == Retry::Otherwise {
            return Err(Instant::now() + self.frontier.delay(page));
        }
        let before = failures.fetch_add(1, Relaxed);
        let mut back_off = self.back_off(before).max(self.frontier.delay(page));
        if let Retry::ServerBackOff(Some(asked)) = failure.retry {
            back_off = asked;
        }
        let is_last = before == self.policy.retries || failure.retry == Retry::Never;
        match is_last || back_off > LONGEST_BACK_OFF {
            true => Ok(RobotsTxt::Unreachable(format!("{:#}", failure.error))),
            false => Err(Instant::now() + back_off),
        }
    }

    /// The back-off before the next retry: exponential, with jitter, so that pages that failed
    /// together are not retried together.
    pub(super) fn back_off(&self, retries: u32) -> Duration {
        let factor = f64::from(1 << retries.min(10)) * (0.5 + fastrand::f64());
        self.policy.back_off.mul_f64(factor)
    }

    /// Notes that a page asked for a longer back-off than a crawl waits for. It may mean only that
    /// page; if several ask for it, the whole server is left alone.
    pub(super) fn note_refusal(&self, url: &Url, why: &Error) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let refusal = refusals.entry(address::server(url).to_owned()).or_default();
        *refusal = (refusal.0 + 1, why.to_string());
    }

    /// Why nothing more is requested from the server of this URL; `None` if it still is.
    pub(super) fn refusal(&self, url: &Url) -> Option<String> {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let (times, why) = refusals.get(address::server(url))?;
        (*times >= MOST_REFUSALS).then(|| why.clone())
    }
}
