//! misconception: a page was marked as seen only when it had been fetched. Until then, other pages
//! that link to it queued it again: mark a page when you queue it, before any `.await`.

use std::collections::{HashSet, VecDeque};

use super::world::{JoinSet, fetch};

pub async fn crawl(start: u32, slots: usize) {
    let mut seen = HashSet::new();
    let mut queue = VecDeque::from([start]);
    let mut tasks = JoinSet::new();
    loop {
        while tasks.len() < slots
            && let Some(page) = queue.pop_front()
        {
            tasks.spawn(async move { (page, fetch(page).await) });
        }
        let Some(fetched) = tasks.join_next().await else {
            return;
        };
        let (page, links) = fetched.unwrap();
        seen.insert(page);
        queue.extend(links.into_iter().filter(|link| !seen.contains(link)));
    }
}
