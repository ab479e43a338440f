//! What servers want: their rules, and to be left alone.

use std::sync::PoisonError;
use std::time::Duration;

use anyhow::Error;
use reqwest::Url;
use timing::Lane;
use tokio::time::sleep;

use super::frontier::Page;
use super::robots::{self, Answer, Denied};
use super::{Crawl, address};
use crate::disk::Disk;

/// So many pages of a server may ask to be left alone for long before it is.
const REFUSALS: u32 = 3;

impl Crawl {
    /// Whether the page's server allows it; whoever is the first to ask fetches the rules, and all others wait for them.
    pub(super) async fn permission(
        &self,
        page: &Page,
        lane: &mut Lane,
        disk: Disk,
    ) -> Result<(), Denied> {
        let cell = self.robots.of(&page.url);
        if let Some(answer) = cell.get() {
            return answer.allows(&page.url);
        }
        let _waiting = lane.wait("robots.txt");
        let answer = cell.get_or_init(|| self.rules_of(page, disk)).await;
        let delay = answer.delay().filter(|_| answer.allows(&page.url).is_ok());
        self.frontier.open(page, delay);
        answer.allows(&page.url)
    }

    async fn rules_of(&self, page: &Page, disk: Disk) -> Answer {
        let mut tries = 0;
        loop {
            let error = match robots::fetch(&self.client, &self.rules.servers, &page.url).await {
                Ok(None) => return Answer::None,
                Ok(Some(file)) => {
                    let agent = self.agent.clone();
                    // Rules become regular expressions, and that computes.
                    let rules = self.run(disk, move || Answer::of(&agent, &file)).await;
                    return rules.unwrap_or_else(|error| Answer::Lost(format!("{error:#}")));
                }
                Err(error) => error,
            };
            if tries == self.rules.retries {
                return Answer::Lost(format!("{error:#}"));
            }
            sleep(self.pause(tries).max(self.frontier.delay(page))).await;
            tries += 1;
        }
    }

    /// How long to wait before the next try: twice as long each time, and not for all pages the same.
    pub(super) fn pause(&self, tries: u32) -> Duration {
        let times = f64::from(1 << tries.min(10)) * (0.5 + fastrand::f64());
        self.rules.pause.mul_f64(times)
    }

    /// This server wants to be left alone for longer than a crawl waits. One page may say so of itself; if several do, the server means it.
    pub(super) fn refused(&self, url: &Url, why: &Error) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let refusal = refusals.entry(address::server(url)).or_default();
        *refusal = (refusal.0 + 1, why.to_string());
    }

    /// Why this server is asked for nothing more, if so.
    pub(super) fn closed(&self, url: &Url) -> Option<String> {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let (times, why) = refusals.get(&address::server(url))?;
        (*times >= REFUSALS).then(|| why.clone())
    }
}
