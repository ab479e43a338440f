//! Two counts as two tasks, on one thread.
//!
//! Alice counts down from 5 with a pause of 1 tick before each number, and Bob with a pause of 2
//! ticks. Both counts together must take 10 ticks. As it stands, Bob begins when Alice has ended,
//! and together they take 15. `sleep(ticks)` is a future. `spawn` makes a task of a future, and
//! returns a handle, which can be awaited: `handle.await.unwrap()`. `spawn` is in `super::world`,
//! too.

use super::world::{Count, say, sleep};

pub async fn all(counts: Vec<Count>) {
    for count in counts {
        down(count).await;
    }
}

async fn down(count: Count) {
    for number in (1..=5).rev() {
        sleep(count.ticks).await;
        say(count.name, number);
    }
}
