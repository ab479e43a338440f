//! misconception: each task was awaited to its end before the next one was spawned, so the pauses
//! were added up. Spawn all tasks first, and await their handles after that.

use super::world::{Count, say, sleep, spawn};

pub async fn all(counts: Vec<Count>) {
    for count in counts {
        spawn(down(count)).await.unwrap();
    }
}

async fn down(count: Count) {
    for number in (1..=5).rev() {
        sleep(count.ticks).await;
        say(count.name, number);
    }
}
