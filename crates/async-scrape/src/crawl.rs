//! The machinery: from a page that is known to a file, and to the pages that it leads to. It knows nothing of strategies: it says
//! where it has to wait (`.await`), and who calls it decides what happens meanwhile.

use std::collections::HashMap;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Url;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep_until};

pub mod address;
pub mod answer;
pub mod charset;
pub mod css;
pub mod frontier;
pub mod html;
pub mod index;
pub mod links;
mod page;
mod permission;
pub mod place;
pub mod robots;
pub mod store;

use address::Servers;
use frontier::Frontier;
use index::Entry;
use robots::Robots;
use store::Store;

use crate::client::Settings;
use crate::disk::Disk;
use crate::file::Place;

/// What may be asked for, and what becomes of it.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Whose pages.
    pub servers: Servers,
    /// Whether `robots.txt` is asked for, and obeyed.
    pub robots: bool,
    /// The most bytes of one body.
    pub bytes: u64,
    /// How often a page is asked for again that could not be had.
    pub retries: u32,
    /// How long to wait before that; twice as long each further time.
    pub pause: Duration,
}

/// Where the files go.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one of them")]
pub enum Output {
    /// A list of pages, whatever the server answers: a folder, and the name of each file.
    List(PathBuf, HashMap<Url, String>),
    /// A site: a tree of files, whose links are followed.
    Site(Store),
}

/// Where the news goes: what became of a page, from whichever worker.
pub type Tell = Arc<dyn Fn(&Entry) + Send + Sync>;

/// A crawl: what is to be had, and what is had so far.
pub struct Crawl {
    /// The pages that are known.
    pub frontier: Frontier,
    /// Where they go.
    pub output: Output,
    rules: Rules,
    agent: String,
    client: reqwest::Client,
    robots: Robots,
    /// How many pages of a server asked to be left alone for longer than a crawl waits, and what the last one said.
    refusals: Mutex<HashMap<String, (u32, String)>>,
    /// As many tasks may write at the same time as there are cores: more would only get in each other's way.
    writers: Semaphore,
    tell: Tell,
    /// Memory for bodies, to be used again: to get it from the system, page by page, costs more than to fill it.
    buffers: Mutex<Vec<Vec<u8>>>,
    /// When what is under way is dropped.
    end: watch::Sender<Option<Instant>>,
}

impl Crawl {
    /// A crawl that has not begun.
    ///
    /// # Errors
    /// If there is no client to be had: see [`Settings::client`].
    pub fn new(
        frontier: Frontier,
        output: Output,
        rules: Rules,
        settings: &Settings,
        tell: Tell,
    ) -> Result<Self> {
        Ok(Self {
            frontier,
            output,
            rules,
            agent: settings.user_agent.clone(),
            client: settings.client()?,
            robots: Robots::default(),
            refusals: Mutex::default(),
            writers: Semaphore::new(
                thread::available_parallelism()
                    .map_or(2, NonZero::get)
                    .max(2),
            ),
            tell,
            buffers: Mutex::default(),
            end: watch::Sender::new(None),
        })
    }

    /// No page is begun from now on, and what is under way has so much time to come to its end.
    pub fn stop(&self, grace: Duration) {
        self.frontier.stop();
        self.end.send_replace(Some(Instant::now() + grace));
    }

    /// Ends when what is under way is to be dropped.
    async fn ended(&self) {
        let mut end = self.end.subscribe();
        loop {
            let at = *end.borrow_and_update();
            let at_last = async {
                match at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = at_last => return,
                // The sender is in `self`, so this can't fail.
                _ = end.changed() => {}
            }
        }
    }

    fn place(&self, url: &Url) -> Result<Place> {
        match &self.output {
            Output::Site(store) => Ok(store.place(url)),
            Output::List(folder, names) => {
                let name = names.get(url).context("a page that is not in the list")?;
                Ok(Place {
                    name: name.clone(),
                    path: folder.join(name),
                    aside: folder.clone(),
                })
            }
        }
    }

    /// Does this where files are read and written.
    async fn run<R: Send + 'static>(
        &self,
        disk: Disk,
        call: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R> {
        let _turn = match disk {
            Disk::Here => None,
            Disk::Elsewhere => Some(self.writers.acquire().await.context("nobody writes")?),
        };
        disk.run(call).await
    }

    fn buffers(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn site(&self) -> Option<&Store> {
        match &self.output {
            Output::Site(store) => Some(store),
            Output::List(..) => None,
        }
    }
}
