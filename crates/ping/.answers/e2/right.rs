//! The permit is taken before the task is spawned, and lives in the task until the answer is there.

use super::world::{Semaphore, ping, spawn};

pub async fn all(urls: Vec<u32>, limit: usize) {
    let semaphore = Semaphore::new(limit);
    let mut tasks = Vec::new();
    for url in urls {
        let permit = semaphore.acquire().await;
        tasks.push(spawn(async move {
            ping(url).await;
            drop(permit);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
