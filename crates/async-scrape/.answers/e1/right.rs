//! Fill the slots, wait for one page, and take its links; until nothing is queued or in flight.

use std::collections::{HashSet, VecDeque};

use super::world::{JoinSet, fetch};

pub async fn crawl(start: u32, slots: usize) {
    let mut seen = HashSet::from([start]);
    let mut queue = VecDeque::from([start]);
    let mut tasks = JoinSet::new();
    loop {
        while tasks.len() < slots
            && let Some(page) = queue.pop_front()
        {
            tasks.spawn(fetch(page));
        }
        let Some(links) = tasks.join_next().await else {
            return;
        };
        for link in links.unwrap() {
            if seen.insert(link) {
                queue.push_back(link);
            }
        }
    }
}
