//! misconception: `blocking_sleep` stops the thread, and all tasks share this thread: while one
//! sleeps so, no other one can run, and not even a timer. A task has to wait with
//! `sleep(...).await`.

use super::world::{Count, blocking_sleep, say, spawn};

pub async fn all(counts: Vec<Count>) {
    let tasks: Vec<_> = counts.into_iter().map(|count| spawn(down(count))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn down(count: Count) {
    for number in (1..=5).rev() {
        blocking_sleep(count.ticks);
        say(count.name, number);
    }
}
