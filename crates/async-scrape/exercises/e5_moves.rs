//! A task may go on in another thread than the one in which it began.
//!
//! `start` spawns a task that fetches pages, and whose result is the sum of their bytes. The
//! runtime has several threads, and after each `.await` any of them may go on with the task.
//! Several tasks run at the same time, and each must have the right sum. As it stands, the sum is
//! kept in the thread, and not in the task.

use std::cell::Cell;

use super::world::{Task, fetch, spawn};

thread_local! {
    static SUM: Cell<u64> = const { Cell::new(0) };
}

pub fn start(pages: Vec<u64>) -> Task {
    spawn(async move {
        SUM.set(0);
        for page in pages {
            let bytes = fetch(page).await;
            SUM.set(SUM.get() + bytes);
        }
        SUM.get()
    })
}
