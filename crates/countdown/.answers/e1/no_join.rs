//! misconception: the threads were started, and `all` did not wait for them. A thread whose handle
//! is dropped runs on by itself. When `main` returns, the program ends, and that thread with it, in
//! the middle of its count.

use super::world::{Count, thread};

pub fn all(counts: Vec<Count>) {
    for count in counts {
        thread::spawn(move || count.down());
    }
}
