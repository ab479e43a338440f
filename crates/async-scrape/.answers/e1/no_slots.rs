//! misconception: a task was spawned for each link at once. A page with a thousand links is a
//! thousand requests at the same server: start a task only while there are fewer than `slots`.

use std::collections::HashSet;

use super::world::{JoinSet, fetch};

pub async fn crawl(start: u32, _slots: usize) {
    let mut seen = HashSet::from([start]);
    let mut tasks = JoinSet::new();
    tasks.spawn(fetch(start));
    while let Some(links) = tasks.join_next().await {
        for link in links.unwrap() {
            if seen.insert(link) {
                tasks.spawn(fetch(link));
            }
        }
    }
}
