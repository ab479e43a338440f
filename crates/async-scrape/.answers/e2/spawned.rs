//! misconception: a task is not a thread. `spawn` gives the runtime's one thread a further task,
//! and when that task blocks, it blocks the thread with all others: `async` around a call changes
//! nothing.

use super::world::{spawn, write};

pub async fn save(page: &'static str) {
    spawn(async move { write(page) }).await.unwrap();
}
