//! compiler: closure may outlive the current function
//!
//! misconception: the closure only borrowed the count, and a thread may live longer than the
//! function that started it. `move` before the `||` makes the thread the owner of what it uses.

use super::world::{Count, thread};

pub fn all(counts: Vec<Count>) {
    let mut threads = Vec::new();
    for count in counts {
        threads.push(thread::spawn(|| count.down()));
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
