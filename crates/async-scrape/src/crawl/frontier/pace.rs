//! How much may be asked for, and how fast.

use std::time::Duration;

use tokio::time::Instant;

use super::{Frontier, Page};

/// What may be asked for, and how fast.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many links lead from the first pages to the last ones.
    pub depth: u32,
    /// The most pages that are asked for.
    pub pages: usize,
    /// The most pages of one server that are under way.
    pub per_server: usize,
    /// The least time from one request to the next of the same server.
    pub delay: Duration,
    /// Whether a server's first page is alone until [`Frontier::open`] says that the server's own wishes are known.
    pub ask_first: bool,
}

impl Frontier {
    /// The server of this page wants to be left alone until then.
    pub fn pause(&self, page: &Page, until: Instant) {
        let mut state = self.lock();
        let server = state.server(&page.url);
        server.next = server.next.max(Some(until));
    }

    /// It is known what the server of this page wants: perhaps so much time between requests.
    pub fn open(&self, page: &Page, delay: Option<Duration>) {
        let mut state = self.lock();
        let server = state.server(&page.url);
        server.is_open = true;
        if let Some(delay) = delay {
            server.delay = server.delay.max(delay);
            let until = Instant::now() + server.delay;
            server.next = server.next.max(Some(until));
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// This page need not be asked for: it doesn't count, and its server's next one need not wait for it.
    pub fn spare(&self, page: &Page) {
        let mut state = self.lock();
        state.begun -= 1;
        let server = state.server(&page.url);
        // Unless the server is left alone for another reason since.
        if server.next == page.next {
            server.next = None;
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// The least time between two requests to the server of this page.
    pub fn delay(&self, page: &Page) -> Duration {
        self.lock().server(&page.url).delay.max(self.limits.delay)
    }
}
