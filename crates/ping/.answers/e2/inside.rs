//! misconception: the permit was awaited inside the task. That limits the pings, and not the tasks:
//! there was a task for each URL at once, and each takes memory while it waits. Wait for the permit
//! first, and spawn after that.

use super::world::{Semaphore, ping, spawn};

pub async fn all(urls: Vec<u32>, limit: usize) {
    let semaphore = Semaphore::new(limit);
    let mut tasks = Vec::new();
    for url in urls {
        let semaphore = semaphore.clone();
        tasks.push(spawn(async move {
            let _permit = semaphore.acquire().await;
            ping(url).await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
