//! misconception: the threads were started, and nobody waited for them. A thread whose handle is
//! dropped runs on by itself, and when `main` returns, it is gone in the middle of its count.

use super::world::{Count, thread};

pub fn all(counts: Vec<Count>) {
    for count in counts {
        thread::spawn(move || count.down());
    }
}
