//! misconception: each ping was awaited before the next one began, so there was one at a time,
//! whatever the limit. Spawn a task for each ping, and await the tasks later.

use super::world::{Semaphore, ping, spawn};

pub async fn all(urls: Vec<u32>, limit: usize) {
    let semaphore = Semaphore::new(limit);
    for url in urls {
        let _permit = semaphore.acquire().await;
        spawn(ping(url)).await.unwrap();
    }
}
