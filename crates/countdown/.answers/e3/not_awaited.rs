//! misconception: `sleep(...)` without `.await` makes a future and drops it: the task does not
//! wait, and all lines come at once. The compiler warns: futures do nothing unless you `.await`
//! them.

use super::world::{Count, say, sleep, spawn};

pub async fn all(counts: Vec<Count>) {
    let tasks: Vec<_> = counts.into_iter().map(|count| spawn(down(count))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn down(count: Count) {
    for number in (1..=5).rev() {
        drop(sleep(count.ticks));
        say(count.name, number);
    }
}
