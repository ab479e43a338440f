//! A pool: a fixed number of threads, and one queue for all of them.
//!
//! `net.ping(url)` waits for an answer, for as long as it takes. Start `workers` threads, and ping
//! each URL once. There must never be more pings at a time than workers, and it must be possible
//! that all workers ping at the same time. A URL that does not answer may hold up its own worker
//! only: the others go on with all other URLs. `thread` and `Mutex` are in `super::world`, too.

use super::world::{Arc, Net};

pub fn all(net: Arc<Net>, urls: Vec<&'static str>, _workers: usize) {
    for url in urls {
        net.ping(url);
    }
}
