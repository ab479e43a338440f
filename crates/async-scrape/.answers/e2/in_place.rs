//! misconception: `block_in_place` hands the other tasks to another thread of the runtime, and a
//! runtime of one thread has none: there it panics. `spawn_blocking` works on both kinds.

use super::world::{block_in_place, write};

pub async fn save(page: &'static str) {
    block_in_place(|| write(page));
}
