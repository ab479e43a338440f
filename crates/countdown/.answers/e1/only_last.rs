//! misconception: one thread was joined, and not the others. That the last one was started last does
//! not mean that it ends last: join every thread.

use super::world::{Count, thread};

pub fn all(counts: Vec<Count>) {
    let start = |count: Count| thread::spawn(move || count.down());
    let last = counts.into_iter().map(start).last();
    last.unwrap().join().unwrap();
}
