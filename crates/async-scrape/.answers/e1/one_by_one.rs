//! misconception: each page was awaited before the next one was begun, so there was never more than
//! one in flight. `async` alone makes nothing concurrent: that takes several futures that are
//! awaited together, such as tasks.

use std::collections::{HashSet, VecDeque};

use super::world::{JoinSet, fetch};

pub async fn crawl(start: u32, _slots: usize) {
    let mut seen = HashSet::from([start]);
    let mut queue = VecDeque::from([start]);
    let mut tasks = JoinSet::new();
    while let Some(page) = queue.pop_front() {
        tasks.spawn(fetch(page));
        for link in tasks.join_next().await.unwrap().unwrap() {
            if seen.insert(link) {
                queue.push_back(link);
            }
        }
    }
}
