//! What is known, what is to be asked for next, and whether it is all over.
//!
//! Workers of every kind take pages here and bring back what they found, threads and tasks alike. A page is known by one
//! spelling of its URL, and is handed out once.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indexmap::{IndexMap, IndexSet};
use reqwest::Url;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::address;

mod pace;

pub use pace::Limits;

/// So many bytes of URLs are kept: millions of pages. What is found beyond that is not.
const MOST_BYTES: usize = 512 << 20;

/// The most redirects from one page to another.
const REDIRECTS: u32 = 10;

/// A page to ask for.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is.
    pub url: Url,
    number: usize,
    /// Since it was taken, its server's next one is not before then.
    next: Option<Instant>,
}

/// All pages that are known, and who is at work.
#[derive(Debug)]
pub struct Frontier {
    limits: Limits,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    urls: IndexSet<Box<str>>,
    /// Of each URL, by its number.
    known: Vec<Known>,
    servers: IndexMap<String, Server>,
    begun: usize,
    stopped: bool,
    /// How long all URLs that were found are together, those too for which there was no room.
    bytes: usize,
}

#[derive(Debug)]
struct Known {
    depth: u32,
    redirects: u32,
    /// Where it led, as numbers: needed again if a shorter way to it is found.
    links: Box<[u32]>,
    is_redirect: bool,
}

#[derive(Debug, Default)]
struct Server {
    queue: VecDeque<usize>,
    under_way: usize,
    is_open: bool,
    /// Not before then.
    next: Option<Instant>,
    delay: Duration,
}

enum Look {
    Take(Page),
    /// Until something changes, or until then.
    Wait(Option<Instant>),
    Over,
}

impl Frontier {
    /// One that knows these pages, cleaned.
    pub fn new(limits: Limits, urls: impl IntoIterator<Item = Url>) -> Self {
        let mut state = State::default();
        for url in urls {
            if let Some(number) = state.number(&url) {
                state.reach(number, 0, 0, &limits);
            }
        }
        Self {
            limits,
            state: Mutex::new(state),
            changed: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next page: waits as long as there is none but may be one, and gives `None` when all is over.
    pub async fn take(&self) -> Option<Page> {
        loop {
            // From now on it hears of changes: what happens between the look and the wait is not missed.
            let changed = self.changed.notified();
            let look = self.lock().look(&self.limits);
            match look {
                Look::Take(page) => return Some(page),
                Look::Over => {
                    self.changed.notify_waiters();
                    return None;
                }
                Look::Wait(None) => changed.await,
                Look::Wait(Some(until)) => tokio::select! {
                    () = changed => {}
                    () = sleep_until(until) => {}
                },
            }
        }
    }

    /// A page is done, and led to these.
    pub fn done(&self, page: &Page, links: &[Url]) {
        self.finish(page, links, false);
    }

    /// A page is done, and is somewhere else: it will be asked for there, if it isn't known.
    ///
    /// # Errors
    /// If that leads nowhere, with the reason.
    pub fn redirected(&self, page: &Page, to: &Url) -> Result<(), &'static str> {
        self.finish(page, std::slice::from_ref(to), true);
        let state = self.lock();
        let mut at = page.number;
        for _ in 0..=REDIRECTS {
            let known = &state.known[at];
            let ([next], true) = (&known.links[..], known.is_redirect) else {
                let is_reached = known.depth < u32::MAX;
                return if is_reached {
                    Ok(())
                } else {
                    Err("it redirects more than 10 times")
                };
            };
            at = *next as usize;
            if at == page.number {
                return Err("it redirects in a circle");
            }
        }
        Err("it redirects more than 10 times")
    }

    fn finish(&self, page: &Page, links: &[Url], is_redirect: bool) {
        let mut state = self.lock();
        let links: Box<[u32]> = links
            .iter()
            .filter_map(|url| Some(state.number(url)? as u32))
            .collect();
        let known = &mut state.known[page.number];
        (known.links, known.is_redirect) = (links, is_redirect);
        if let Some(server) = state.servers.get_mut(&address::server(&page.url)) {
            server.under_way -= 1;
        }
        state.follow(page.number, &self.limits);
        drop(state);
        self.changed.notify_waiters();
    }

    /// From now on no page is begun.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_waiters();
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let state = self.lock();
        let queues = state.servers.values().map(|server| server.queue.len());
        Progress {
            begun: state.begun,
            waiting: queues.sum(),
            is_stopped: state.stopped,
            is_full: state.bytes > MOST_BYTES,
        }
    }
}

/// How far a crawl is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pages that were asked for.
    pub begun: usize,
    /// Pages that are known, and would be asked for.
    pub waiting: usize,
    /// Whether it was stopped.
    pub is_stopped: bool,
    /// Whether more pages were found than there is room to know.
    pub is_full: bool,
}

impl State {
    /// Its number, a new one if it was not known; `None` if there is no room for it.
    fn number(&mut self, url: &Url) -> Option<usize> {
        if let Some(number) = self.urls.get_index_of(url.as_str()) {
            return Some(number);
        }
        self.bytes += url.as_str().len();
        if self.bytes > MOST_BYTES {
            return None;
        }
        self.known.push(Known {
            depth: u32::MAX,
            redirects: 0,
            links: Box::default(),
            is_redirect: false,
        });
        Some(self.urls.insert_full(url.as_str().into()).0)
    }

    fn url(&self, number: usize) -> Url {
        Url::parse(&self.urls[number]).expect("it came from a URL")
    }

    fn server(&mut self, url: &Url) -> &mut Server {
        self.servers.entry(address::server(url)).or_default()
    }

    /// There is a way to this page of so many links. Returns whether it is shorter than those that were known.
    fn reach(&mut self, number: usize, depth: u32, redirects: u32, limits: &Limits) -> bool {
        let known = &mut self.known[number];
        let is_shorter = (depth, redirects) < (known.depth, known.redirects);
        if depth > limits.depth || redirects > REDIRECTS || !is_shorter {
            return false;
        }
        if known.depth == u32::MAX {
            let url = self.url(number);
            self.server(&url).queue.push_back(number);
        }
        (self.known[number].depth, self.known[number].redirects) = (depth, redirects);
        true
    }

    /// Goes on from a page that is done, and again from pages that had been reached by a longer way. So which pages are asked for
    /// does not depend on who was faster.
    fn follow(&mut self, number: usize, limits: &Limits) {
        let mut from = vec![number];
        while let Some(number) = from.pop() {
            let known = &self.known[number];
            let (depth, redirects) = match known.is_redirect {
                // It is still the same link.
                true => (known.depth, known.redirects + 1),
                false => (known.depth.saturating_add(1), 0),
            };
            for link in known.links.clone() {
                if self.reach(link as usize, depth, redirects, limits) {
                    from.push(link as usize);
                }
            }
        }
    }

    fn look(&mut self, limits: &Limits) -> Look {
        if self.stopped || self.begun >= limits.pages {
            return Look::Over;
        }
        let now = Instant::now();
        let mut until: Option<Instant> = None;
        let mut found = None;
        for (index, server) in self.servers.values().enumerate() {
            let is_alone = limits.ask_first && !server.is_open;
            let most = if is_alone { 1 } else { limits.per_server };
            if server.queue.is_empty() || server.under_way >= most {
                continue;
            }
            match server.next {
                Some(next) if next > now => until = Some(until.map_or(next, |u| u.min(next))),
                _ => {
                    found = Some(index);
                    break;
                }
            }
        }
        let Some(index) = found else {
            let all_done = self.servers.values().all(|server| server.under_way == 0);
            return if all_done && until.is_none() {
                Look::Over
            } else {
                Look::Wait(until)
            };
        };
        let server = &mut self.servers[index];
        let number = server.queue.pop_front().expect("it is not empty");
        server.under_way += 1;
        let delay = server.delay.max(limits.delay);
        let next = (!delay.is_zero()).then(|| now + delay);
        server.next = next;
        // The others have their turn first.
        let last = self.servers.len() - 1;
        self.servers.move_index(index, last);
        self.begun += 1;
        Look::Take(Page {
            url: self.url(number),
            number,
            next,
        })
    }
}
