//! misconception: a task is not a thread. `spawn` gives one more task to the runtime's only thread.
//! When that task blocks, it blocks the thread, and with it all other tasks: `async` around a call
//! changes nothing.

use super::world::{spawn, write};

pub async fn save(page: &'static str) {
    spawn(async move { write(page) }).await.unwrap();
}
