//! misconception: the permit was dropped before the ping, so it limited nothing. `let _ = ...`
//! keeps nothing, and a permit that is not moved into the task does not live as long as the task.

use super::world::{Semaphore, ping, spawn};

pub async fn all(urls: Vec<u32>, limit: usize) {
    let semaphore = Semaphore::new(limit);
    let mut tasks = Vec::new();
    for url in urls {
        let _ = semaphore.acquire().await;
        tasks.push(spawn(ping(url)));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
