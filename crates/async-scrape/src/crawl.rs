//! The crawler: from a page's URL to its file, and to the pages that it links to.
//!
//! It knows nothing of strategies. It says where it has to wait (`.await`), and its caller decides
//! what happens meanwhile.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Result, anyhow};
use reqwest::Url;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

pub mod address;
pub mod answer;
mod body;
pub mod charset;
pub mod check;
mod coding;
mod convert;
pub mod css;
mod finish;
pub mod frontier;
pub mod html;
pub mod index;
mod journal;
mod language;
pub mod links;
pub mod list;
pub mod names;
mod originals;
pub mod output;
mod page;
pub mod pattern;
mod politeness;
mod receive;
mod reserve;
pub mod rewrite;
pub mod robots;
pub mod scope;
mod sitemap;
pub mod store;
mod warc;

use address::Servers;
use frontier::{Frontier, Limits, Progress};
use index::Entry;
use output::{Ending, Output};
pub use page::SITEMAP;
use robots::Robots;
use scope::Scope;
use warc::Archive;
pub use warc::Warc;

use crate::client::{Client, Settings};
use crate::disk::Calls;

/// What a crawl is to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The pages at which the crawl begins, in the spelling of [`address::clean`].
    pub seeds: Vec<Url>,
    /// How many pages it requests, and how fast.
    pub limits: Limits,
    /// Which pages it may request, and what it does about failures.
    pub policy: Policy,
    /// How it makes requests.
    pub settings: Settings,
    /// A file for all requests and answers.
    pub warc: Option<Warc>,
}

impl Plan {
    /// The hosts that the user named.
    fn hosts(&self) -> Vec<String> {
        let of = |url: &Url| url.host_str().map(str::to_owned);
        let allowed = match &self.policy.servers {
            Servers::All => &[][..],
            Servers::Only(servers) => servers,
        };
        let allowed = allowed
            .iter()
            .filter_map(|server| Url::parse(&format!("http://{server}/")).ok());
        let named = allowed.filter_map(|url| of(&url));
        self.seeds.iter().filter_map(of).chain(named).collect()
    }
}

/// Which pages may be requested, and what is done about failures.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The servers whose pages may be requested.
    pub servers: Servers,
    /// Which of their pages are wanted.
    pub scope: Scope,
    /// Whether pages of all other servers are requested, too, but not what they link to.
    pub outside: bool,
    /// Whether sitemaps are read.
    pub sitemaps: bool,
    /// Whether `robots.txt` is requested and obeyed.
    pub robots: bool,
    /// The most bytes of one body.
    pub bytes: u64,
    /// How often a request that failed is retried.
    pub retries: u32,
    /// The back-off before the first retry. It doubles with each further one.
    pub back_off: Duration,
}

impl Policy {
    /// The default policy for pages of these servers.
    pub fn of(servers: Servers) -> Self {
        Self {
            servers,
            scope: Scope::default(),
            outside: false,
            sitemaps: false,
            robots: true,
            bytes: 100 << 20,
            retries: 2,
            back_off: Duration::from_millis(500),
        }
    }

    /// Whether a link to this page is followed.
    fn follows(&self, url: &(impl AsRef<str> + ?Sized)) -> bool {
        (self.outside || self.servers.allow(url)) && self.scope.includes(url)
    }
}

/// Called with what became of a page, by whichever worker downloaded it.
pub type Observer = Arc<dyn Fn(&Entry) + Send + Sync>;

/// A crawl: the pages to download, and the state that all workers share.
pub struct Crawl {
    /// The pages that are known.
    pub frontier: Frontier,
    seeds: Vec<Url>,
    output: Box<dyn Output>,
    policy: Policy,
    user_agent: String,
    client: Client,
    robots: Robots,
    /// Of each server, how many pages asked for a longer back-off than a crawl waits for, and the
    /// last error that says so.
    refusals: Mutex<HashMap<String, (u32, String)>>,
    calls: Calls,
    observer: Observer,
    /// The links that lead to servers of other shards.
    elsewhere: Mutex<BTreeSet<String>>,
    archive: Option<Arc<Archive>>,
    /// Memory for bodies, used again and again: fresh memory from the system costs page faults.
    buffers: Mutex<Vec<Vec<u8>>>,
    /// The time at which pages in flight are dropped.
    deadline: watch::Sender<Option<Instant>>,
}

impl Crawl {
    /// A crawl that has not begun. To `open` its output forgets an earlier crawl, so all else that
    /// can fail is done before. Only what is added to an archive is written after it.
    ///
    /// # Errors
    /// If there is no client to be had (see [`Settings::client`]), or the archive or the output
    /// can't be written.
    pub fn new(
        plan: &Plan,
        open: impl FnOnce() -> Result<Box<dyn Output>>,
        observer: Observer,
    ) -> Result<Self> {
        let client = plan.settings.client(plan.hosts())?;
        let archive = plan.warc.as_ref().map(Archive::open).transpose()?;
        let output = match open() {
            Ok(output) => output,
            Err(error) => {
                archive.into_iter().for_each(Archive::discard);
                return Err(error);
            }
        };
        archive.as_ref().map_or(Ok(()), Archive::go_on)?;
        Ok(Self {
            frontier: Frontier::new(plan.limits.clone(), plan.seeds.iter().cloned()),
            seeds: plan.seeds.clone(),
            output,
            policy: plan.policy.clone(),
            user_agent: plan.settings.user_agent.clone(),
            client,
            robots: Robots::default(),
            refusals: Mutex::default(),
            calls: Calls::default(),
            observer,
            elsewhere: Mutex::default(),
            archive: archive.map(Arc::new),
            buffers: Mutex::default(),
            deadline: watch::Sender::new(None),
        })
    }

    /// Begins no further page, and drops pages that are still in flight after `grace`.
    pub fn stop(&self, grace: Duration) {
        self.frontier.stop();
        self.deadline.send_replace(Some(Instant::now() + grace));
    }

    /// Ends the crawl when all workers are gone: writes down what became of its pages.
    ///
    /// # Errors
    /// If that can't be written.
    pub fn close(self) -> Result<Progress> {
        let progress = self.frontier.progress();
        let elsewhere = self.elsewhere.into_inner();
        self.output.close(&Ending {
            seeds: &self.seeds,
            complete: progress.is_complete(),
            elsewhere: &elsewhere.unwrap_or_else(PoisonError::into_inner),
        })?;
        Ok(progress)
    }

    /// Waits until pages in flight are to be dropped.
    async fn deadline(&self) {
        let mut deadline = self.deadline.subscribe();
        loop {
            let at = *deadline.borrow_and_update();
            let over = async {
                match at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = over => return,
                // The sender is in `self`, so this can't fail.
                _ = deadline.changed() => {}
            }
        }
    }

    /// Awaits something, unless pages in flight are to be dropped before.
    ///
    /// A file that is being written is never dropped: so no page is reported as interrupted whose
    /// file is finished after that.
    async fn unless_dropped<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.deadline() => Err(anyhow!("interrupted")),
        }
    }

    fn buffers(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
