//! How many pages may be requested, and how fast.

use std::time::Duration;

use crate::crawl::address::Servers;

/// How many pages may be requested, and how fast.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many links lead from a seed to the last pages. Redirects are not counted.
    pub depth: u32,
    /// The most pages that are requested.
    pub pages: u32,
    /// The servers whose pages are counted for that. Pages of others are only checked.
    pub counted: Servers,
    /// The most pages of one server that are in flight.
    pub per_server: usize,
    /// The politeness delay: the least time from one request to the next of the same server.
    pub delay: Duration,
    /// Whether the politeness delay is now shorter, now longer: between half of it and three
    /// halves.
    pub random_delay: bool,
    /// Whether a server's first page is requested alone, until its crawl delay is known.
    pub robots_first: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 5,
            pages: 10_000,
            counted: Servers::All,
            per_server: 8,
            delay: Duration::ZERO,
            random_delay: false,
            robots_first: true,
        }
    }
}

impl Limits {
    /// The politeness delay before the next request.
    pub(super) fn next_delay(&self) -> Duration {
        match self.random_delay {
            true => self.delay.mul_f64(0.5 + fastrand::f64()),
            false => self.delay,
        }
    }
}
