//! How many pages may be requested, and how fast.

use std::time::Duration;

/// How many pages may be requested, and how fast.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many links lead from a seed to the last pages. Redirects are not counted.
    pub depth: u32,
    /// The most pages that are requested.
    pub pages: u32,
    /// The most pages of one server that are in flight.
    pub per_server: usize,
    /// The politeness delay: the least time from one request to the next of the same server.
    pub delay: Duration,
    /// Whether a server's first page is requested alone, until its crawl delay is known.
    pub robots_first: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 5,
            pages: 10_000,
            per_server: 8,
            delay: Duration::ZERO,
            robots_first: true,
        }
    }
}
