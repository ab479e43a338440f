//! When a server may be asked for its next page: politeness delay, crawl delay and back-off.

use std::time::Duration;

use super::{Frontier, Page, Server};
use crate::sync::Instant;

impl Frontier {
    /// Takes back a page that is to be requested again, after this time.
    pub fn put_back(&self, page: &Page, at: Instant, failures: u32) {
        let mut state = self.lock();
        let server = state.server(page);
        server.in_flight -= 1;
        server.later.insert((at, page.number), failures);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Makes the server of this page wait until then, because it asked for a back-off.
    pub fn back_off(&self, page: &Page, until: Instant) {
        let mut state = self.lock();
        let server = state.server(page);
        server.next = server.next.max(Some(until));
    }

    /// Says that the crawl delay of this page's server is known: its `robots.txt` was read.
    pub fn set_crawl_delay(&self, page: &Page, delay: Option<Duration>) {
        let mut state = self.lock();
        let server = state.server(page);
        server.is_delay_known = true;
        if let Some(delay) = delay {
            server.delay = server.delay.max(delay);
            let until = Instant::now() + server.delay;
            server.next = server.next.max(Some(until));
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Says that this page will not be requested: it is not counted, and causes no delay.
    pub fn not_requested(&self, page: &Page) {
        let mut state = self.lock();
        state.begun -= u32::from(self.limits.counted.allow(&page.url));
        let server = state.server(page);
        // Unless the server got another delay since then.
        if server.next == page.next {
            server.next = None;
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// The least time between two requests to the server of this page.
    pub fn delay(&self, page: &Page) -> Duration {
        self.lock().server(page).delay.max(self.limits.delay)
    }
}

impl Server {
    /// From when on it may be asked for a page: `Some(None)` is at once. `None` if it has no page.
    /// With `later_only`, only pages that were put back count.
    pub(super) fn ready(&self, later_only: bool) -> Option<Option<Instant>> {
        let later = self.later.first_key_value().map(|(&(at, _), _)| at);
        let has_new = !later_only && !self.queue.is_empty();
        match later {
            _ if has_new => Some(self.next),
            None => None,
            later => Some(later.max(self.next)),
        }
    }
}
