//! misconception: calling an `async fn` runs none of it. It returns a future, and a future that
//! nobody awaits or spawns does nothing at all.

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
