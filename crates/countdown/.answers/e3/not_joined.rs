//! misconception: the tasks were spawned, and not awaited. When the function that the runtime runs
//! has returned, the runtime ends, and drops all tasks wherever they are.

use super::world::{Count, say, sleep, spawn};

pub async fn all(counts: Vec<Count>) {
    for count in counts {
        spawn(down(count));
    }
}

async fn down(count: Count) {
    for number in (1..=5).rev() {
        sleep(count.ticks).await;
        say(count.name, number);
    }
}
