//! compiler: has type `Rc<
//!
//! misconception: the task holds an `Rc` across an `.await`, and may go on in another thread there.
//! An `Rc` must stay in its thread, so the future is not `Send`, and this runtime does not take it.
//! A plain variable is enough, or an `Arc`.

use std::cell::Cell;
use std::rc::Rc;

use super::world::{Task, fetch, spawn};

pub fn start(pages: Vec<u64>) -> Task {
    spawn(async move {
        let sum = Rc::new(Cell::new(0));
        for page in pages {
            let bytes = fetch(page).await;
            sum.set(sum.get() + bytes);
        }
        sum.get()
    })
}
