//! Fetch all pages that can be reached, some at a time.
//!
//! `fetch(page).await` takes a tick, and returns the pages to which the page links. Each page must
//! be fetched once, and at any time `slots` of them, as long as there are so many to fetch: no
//! more, and no fewer. `JoinSet` holds tasks: `spawn` adds one, `join_next().await` waits for any
//! of them, and `len` says how many there are. As it stands, there is one at a time.

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
