//! Two counts as two tasks, on one thread.
//!
//! Alice counts down from 5 with a pause of 1 tick before each number, Bob with one of 2 ticks.
//! Both together must take 10 ticks, and their lines must come in between each other. `sleep` of a
//! number of ticks is a future; `spawn` makes a task of a future, and gives a handle that can be
//! awaited. As it stands, Bob begins when Alice has ended: 15 ticks.

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
