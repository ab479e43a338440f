//! Fetch all pages that can be reached, some at a time.
//!
//! `fetch(page).await` takes a tick, and returns the pages to which the page links. Each page must
//! be fetched once. At most `slots` pages may be in flight, and fewer only while no further page is
//! queued. A `JoinSet` holds tasks: `spawn` adds one, `join_next().await` waits for any of them,
//! and `len` says how many there are. `JoinSet` is in `super::world`, too. As it stands, one page
//! is in flight at a time.

use std::collections::{HashSet, VecDeque};

use super::world::fetch;

pub async fn crawl(start: u32, _slots: usize) {
    let mut seen = HashSet::from([start]);
    let mut queue = VecDeque::from([start]);
    while let Some(page) = queue.pop_front() {
        for link in fetch(page).await {
            if seen.insert(link) {
                queue.push_back(link);
            }
        }
    }
}
