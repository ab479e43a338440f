//! misconception: calling an `async fn` runs none of its code. It returns a future, and a future
//! does nothing until it is awaited or spawned.

use super::world::{Count, say, sleep};

pub async fn all(counts: Vec<Count>) {
    let futures: Vec<_> = counts.into_iter().map(down).collect();
    drop(futures);
}

async fn down(count: Count) {
    for number in (1..=5).rev() {
        sleep(count.ticks).await;
        say(count.name, number);
    }
}
