//! What servers ask of crawlers: the rules of `robots.txt`, and back-offs.

use std::sync::PoisonError;
use std::time::Duration;

use anyhow::Error;
use reqwest::Url;
use timing::Lane;
use tokio::time::{Instant, sleep};

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
        let cell = self.robots.of(&page.url);
        if let Some(robots) = cell.get() {
            return robots.allows(&page.url).map(|()| None);
        }
        let _waiting = lane.wait("robots.txt");
        let robots = cell.get_or_init(|| self.robots_txt(page, disk)).await;
        let delay = robots.crawl_delay();
        let delay = delay.filter(|_| robots.allows(&page.url).is_ok());
        self.frontier.set_crawl_delay(page, delay);
        robots.allows(&page.url)?;
        let delay = self.frontier.delay(page);
        Ok((!delay.is_zero()).then(|| Instant::now() + delay))
    }

    async fn robots_txt(&self, page: &Page, disk: Disk) -> RobotsTxt {
        let mut retries = 0;
        loop {
            let error = match robots::fetch(&self.client, &self.policy.servers, &page.url).await {
                Ok(None) => return RobotsTxt::Unavailable,
                Ok(Some(file)) => {
                    let agent = self.user_agent.clone();
                    // Parsing compiles regular expressions: too much for the thread of all tasks.
                    let parse = move || RobotsTxt::parse(&agent, &file);
                    let parsed = self.at_disk(disk, parse).await;
                    return parsed
                        .unwrap_or_else(|error| RobotsTxt::Unreachable(format!("{error:#}")));
                }
                Err(error) => error,
            };
            if retries == self.policy.retries {
                return RobotsTxt::Unreachable(format!("{error:#}"));
            }
            sleep(self.back_off(retries).max(self.frontier.delay(page))).await;
            retries += 1;
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
        let refusal = refusals.entry(address::server(url)).or_default();
        *refusal = (refusal.0 + 1, why.to_string());
    }

    /// Why nothing more is requested from the server of this URL; `None` if it still is.
    pub(super) fn refusal(&self, url: &Url) -> Option<String> {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let (times, why) = refusals.get(&address::server(url))?;
        (*times >= MOST_REFUSALS).then(|| why.clone())
    }
}
