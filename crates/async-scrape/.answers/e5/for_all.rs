//! misconception: all tasks share a `static`. It does not matter in which thread a task goes on,
//! but two tasks at the same time add to the same sum. Let each task have a variable of its own.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::world::{Task, fetch, spawn};

static SUM: AtomicU64 = AtomicU64::new(0);

pub fn start(pages: Vec<u64>) -> Task {
    spawn(async move {
        SUM.store(0, Relaxed);
        for page in pages {
            let bytes = fetch(page).await;
            SUM.fetch_add(bytes, Relaxed);
        }
        SUM.load(Relaxed)
    })
}
