//! The frontier: which pages are known, which is requested next, and whether the crawl is over.
//!
//! Workers take pages here and bring back what they found; threads and tasks do it alike. A page is
//! known by one spelling of its URL, and is handed out once.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use indexmap::{IndexMap, IndexSet};
use reqwest::Url;

use super::address;
use crate::sync::{Instant, Mutex, MutexGuard, Notify, PoisonError, sleep_until};

mod delays;
mod distances;
mod limits;

use distances::Distances;
pub use distances::REDIRECTS;
pub use limits::Limits;

/// The most bytes of URLs that are kept: millions of pages. URLs found after that are dropped.
const MOST_BYTES: usize = 512 << 20;

/// A page to request.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where the page is.
    pub url: Url,
    /// How many requests for it failed so far.
    pub failures: u32,
    number: usize,
    /// The earliest time at which this server's next page may be requested, as of when this page
    /// was taken.
    next: Option<Instant>,
}

/// All pages that are known, and which of them are in flight.
#[derive(Debug)]
pub struct Frontier {
    limits: Limits,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// A page's number is its index here.
    urls: IndexSet<Box<str>>,
    distances: Distances,
    servers: IndexMap<String, Server>,
    begun: u32,
    is_stopped: bool,
    /// The length of all URLs that were found, with those that were dropped.
    bytes: usize,
}

#[derive(Debug, Default)]
struct Server {
    queue: VecDeque<usize>,
    /// Pages that were put back, or are not counted: from when on each may be requested, and how
    /// often it failed.
    later: BTreeMap<(Instant, usize), u32>,
    in_flight: usize,
    is_delay_known: bool,
    /// The earliest time at which its next page may be requested.
    next: Option<Instant>,
    /// The crawl delay that its `robots.txt` asks for.
    delay: Duration,
}

/// The server of this URL, a new one if it was not known.
fn server_of<'s>(servers: &'s mut IndexMap<String, Server>, url: &str) -> &'s mut Server {
    let name = address::server(url);
    let known = servers.get_index_of(name);
    let index = known.unwrap_or_else(|| servers.insert_full(name.to_owned(), Server::default()).0);
    &mut servers[index]
}

/// What a worker that asks for a page has to do.
enum Turn {
    Take(Page),
    /// Wait until something changes, or until then.
    Wait(Option<Instant>),
    End,
}

impl Frontier {
    /// A frontier that knows these pages, in the spelling of [`address::clean`].
    pub fn new(limits: Limits, seeds: impl IntoIterator<Item = Url>) -> Self {
        let frontier = Self {
            limits,
            state: Mutex::default(),
            changed: Notify::new(),
        };
        frontier.lock().begin_at(seeds, &frontier.limits);
        frontier
    }

    /// Adds pages at which the crawl begins, too.
    pub fn add(&self, seeds: impl IntoIterator<Item = Url>) {
        self.lock().begin_at(seeds, &self.limits);
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the next page, and waits as long as there is none but may be one. Returns `None`
    /// when the crawl is over.
    pub async fn take(&self) -> Option<Page> {
        loop {
            // Made before the look at the state: a change between that and the wait is not missed.
            let changed = self.changed.notified();
            let turn = self.lock().turn(&self.limits);
            match turn {
                Turn::Take(page) => return Some(page),
                Turn::End => {
                    self.changed.notify_waiters();
                    return None;
                }
                Turn::Wait(None) => changed.await,
                Turn::Wait(Some(until)) => tokio::select! {
                    // In this order, and not in a random one, which no checker can run again.
                    biased;
                    () = changed => {}
                    () = sleep_until(until) => {}
                },
            }
        }
    }

    /// Says that a page is done, and which pages it links to, in the spelling of
    /// [`address::clean`].
    pub fn done(&self, page: &Page, links: &[String]) {
        self.lock().finish(page, links, false, &self.limits);
        self.changed.notify_waiters();
    }

    /// Says that a page is done, which is a sitemap: the pages that it names are as near as it is.
    pub fn listed(&self, page: &Page, pages: &[String]) {
        self.lock().finish(page, pages, true, &self.limits);
        self.changed.notify_waiters();
    }

    /// Says that a page is done, and redirects to another, which will be requested if it is new.
    /// With `again`, it will also be requested once more if it redirected to this one: a cookie may
    /// have been all that it wanted.
    ///
    /// # Errors
    /// If the redirects lead to no page, with the reason.
    pub fn redirected(&self, page: &Page, to: &Url, again: bool) -> Result<(), &'static str> {
        // All of it under the lock: if another worker followed the redirect meanwhile, and came
        // back to this page, it would be the other page that is requested once more.
        let mut state = self.lock();
        state.finish(page, &[to.to_string()], true, &self.limits);
        let mut result = state.distances.redirect(page.number);
        if again
            && result.is_err()
            && let Some(number) = state.number(to.as_str())
            && state.distances.reopen(number)
        {
            state.queue(number, &self.limits);
            result = Ok(());
        }
        drop(state);
        self.changed.notify_waiters();
        result
    }

    /// Hands out no page from now on.
    pub fn stop(&self) {
        self.lock().is_stopped = true;
        self.changed.notify_waiters();
    }

    /// How far the crawl is.
    pub fn progress(&self) -> Progress {
        let state = self.lock();
        let servers = state.servers.values();
        let queues = servers.map(|server| server.queue.len() + server.later.len());
        Progress {
            begun: state.begun,
            waiting: queues.sum(),
            is_stopped: state.is_stopped,
            is_full: state.bytes > MOST_BYTES,
        }
    }
}

/// How far a crawl is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pages that were requested.
    pub begun: u32,
    /// Pages that are known and near enough, and were not requested.
    pub waiting: usize,
    /// Whether the crawl was stopped.
    pub is_stopped: bool,
    /// Whether URLs were dropped because there was no room for them.
    pub is_full: bool,
}

impl Progress {
    /// Whether every page was requested that the limits allow.
    pub fn is_complete(&self) -> bool {
        self.waiting == 0 && !self.is_stopped && !self.is_full
    }
}

impl State {
    /// The number of a URL, a new one if it was not known; `None` if there is no room for it.
    fn number(&mut self, url: &str) -> Option<usize> {
        if let Some(number) = self.urls.get_index_of(url) {
            return Some(number);
        }
        self.bytes += url.len();
        if self.bytes > MOST_BYTES {
            return None;
        }
        self.distances.add();
        Some(self.urls.insert_full(url.into()).0)
    }

    /// Queues the pages at which a crawl begins.
    fn begin_at(&mut self, seeds: impl IntoIterator<Item = Url>, limits: &Limits) {
        for url in seeds {
            if let Some(number) = self.number(url.as_str())
                && self.distances.start(number)
            {
                self.queue(number, limits);
            }
        }
    }

    fn server(&mut self, page: &Page) -> &mut Server {
        server_of(&mut self.servers, page.url.as_str())
    }

    /// Notes that a page is no longer in flight, and queues the pages that are near enough now.
    fn finish(&mut self, page: &Page, links: &[String], is_redirect: bool, limits: &Limits) {
        let links: Box<[u32]> = links
            .iter()
            .filter_map(|url| Some(self.number(url)? as u32))
            .collect();
        self.server(page).in_flight -= 1;
        let depth = limits.depth;
        for number in self.distances.done(page.number, links, is_redirect, depth) {
            self.queue(number, limits);
        }
    }

    fn queue(&mut self, number: usize, limits: &Limits) {
        let url = &self.urls[number];
        let server = server_of(&mut self.servers, url);
        match limits.counted.allow(url) {
            true => server.queue.push_back(number),
            // Like a page that was put back, it is not counted when it is taken.
            false => drop(server.later.insert((Instant::now(), number), 0)),
        }
    }

    fn turn(&mut self, limits: &Limits) -> Turn {
        if self.is_stopped {
            return Turn::End;
        }
        // A page that was put back was counted when it was taken first.
        let is_full = self.begun >= limits.pages;
        let now = Instant::now();
        let mut until: Option<Instant> = None;
        let mut found = None;
        for (index, server) in self.servers.values().enumerate() {
            let is_alone = limits.robots_first && !server.is_delay_known;
            let most = if is_alone { 1 } else { limits.per_server };
            let Some(ready) = server.ready(is_full).filter(|_| server.in_flight < most) else {
                continue;
            };
            if ready <= Some(now) {
                found = Some(index);
                break;
            }
            until = until.map_or(ready, |until| ready.min(Some(until)));
        }
        let Some(index) = found else {
            let is_idle = self.servers.values().all(|server| server.in_flight == 0);
            return if is_idle && until.is_none() {
                Turn::End
            } else {
                Turn::Wait(until)
            };
        };
        let server = &mut self.servers[index];
        let first = server.later.first_entry();
        let (number, failures) = match first.filter(|first| first.key().0 <= now) {
            Some(first) => {
                let ((_, number), failures) = first.remove_entry();
                (number, failures)
            }
            None => {
                self.begun += 1;
                (server.queue.pop_front().expect("it is not empty"), 0)
            }
        };
        server.in_flight += 1;
        let delay = server.delay.max(limits.next_delay());
        let next = (!delay.is_zero()).then(|| now + delay);
        server.next = next;
        // To the end of the line: the servers take turns.
        let last = self.servers.len() - 1;
        self.servers.move_index(index, last);
        Turn::Take(Page {
            url: Url::parse(&self.urls[number]).expect("it came from a URL"),
            failures,
            number,
            next,
        })
    }
}
