//! Spawn all, then await all.

use super::world::{Count, say, sleep, spawn};

pub async fn all(counts: Vec<Count>) {
    let tasks: Vec<_> = counts.into_iter().map(|count| spawn(down(count))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn down(count: Count) {
    for number in (1..=5).rev() {
        sleep(count.ticks).await;
        say(count.name, number);
    }
}
