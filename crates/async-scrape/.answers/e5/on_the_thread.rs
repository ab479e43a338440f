//! misconception: a `thread_local!` belongs to the thread, and the task went on in another one,
//! which has a value of its own (and tasks that share a thread share its value). What belongs to a
//! task has to be a variable of the task.

use std::cell::RefCell;

use super::world::{Task, fetch, spawn};

thread_local! {
    static FETCHED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

pub fn start(pages: Vec<u64>) -> Task {
    spawn(async move {
        FETCHED.take();
        for page in pages {
            let bytes = fetch(page).await;
            FETCHED.with_borrow_mut(|fetched| fetched.push(bytes));
        }
        FETCHED.take().iter().sum()
    })
}
