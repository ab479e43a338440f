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
mod ways;

pub use pace::Limits;
use ways::Ways;

/// So many bytes of URLs are kept: millions of pages. What is found beyond that is not.
const MOST_BYTES: usize = 512 << 20;

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
    /// To each URL, by its number.
    ways: Ways,
    servers: IndexMap<String, Server>,
    begun: usize,
    stopped: bool,
    /// How long all URLs that were found are together, those too for which there was no room.
    bytes: usize,
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
            if let Some(number) = state.number(&url)
                && state.ways.start(number)
            {
                state.queue(number);
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
        self.lock().ways.redirect(page.number)
    }

    fn finish(&self, page: &Page, links: &[Url], is_redirect: bool) {
        let mut state = self.lock();
        let links: Box<[u32]> = links
            .iter()
            .filter_map(|url| Some(state.number(url)? as u32))
            .collect();
        if let Some(server) = state.servers.get_mut(&address::server(&page.url)) {
            server.under_way -= 1;
        }
        let most = self.limits.depth;
        for number in state.ways.done(page.number, links, is_redirect, most) {
            state.queue(number);
        }
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
        self.ways.add();
        Some(self.urls.insert_full(url.as_str().into()).0)
    }

    fn url(&self, number: usize) -> Url {
        Url::parse(&self.urls[number]).expect("it came from a URL")
    }

    fn server(&mut self, url: &Url) -> &mut Server {
        self.servers.entry(address::server(url)).or_default()
    }

    /// It is to be asked for.
    fn queue(&mut self, number: usize) {
        let url = self.url(number);
        self.server(&url).queue.push_back(number);
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
