//! compiler: MutexGuard<
//!
//! misconception: the task holds the guard of a lock across an `.await`, and may go on in another
//! thread there. A guard must be dropped in the thread that locked (and meanwhile all others would
//! wait): let go of it before you await.

use std::sync::Mutex;

use super::world::{Task, fetch, spawn};

pub fn start(pages: Vec<u64>) -> Task {
    spawn(async move {
        let sum = Mutex::new(0);
        for page in pages {
            let mut locked = sum.lock().unwrap();
            *locked += fetch(page).await;
        }
        sum.into_inner().unwrap()
    })
}
