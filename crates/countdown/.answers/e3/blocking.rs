//! misconception: `blocking_sleep` stops the whole thread, and all tasks share this thread. While
//! one task sleeps in this way, no other task can run, and no timer either. A task has to wait with
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
