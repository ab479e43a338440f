//! misconception: the permit was awaited inside the task. Only so many ping at a time, but there is
//! a task for each URL at once, which waits and takes memory. Wait for the permit, and then spawn.

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
