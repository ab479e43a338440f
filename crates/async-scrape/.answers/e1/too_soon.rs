//! misconception: the crawl ended when the queue was empty. Pages in flight bring further links:
//! the crawl is over only when nothing is queued and nothing is in flight.

use std::collections::{HashSet, VecDeque};

use super::world::{JoinSet, fetch};

pub async fn crawl(start: u32, slots: usize) {
    let mut seen = HashSet::from([start]);
    let mut queue = VecDeque::from([start]);
    let mut tasks = JoinSet::new();
    while let Some(page) = queue.pop_front() {
        tasks.spawn(fetch(page));
        if tasks.len() == slots || page == start {
            for link in tasks.join_next().await.unwrap().unwrap() {
                if seen.insert(link) {
                    queue.push_back(link);
                }
            }
        }
    }
    tasks.join_all().await;
}
