//! misconception: one thread was joined, and not the others. That the last one was started last
//! does not mean that it ends last: join every thread.

use super::world::{Count, thread};

pub fn all(counts: Vec<Count>) {
    let mut last = None;
    for count in counts {
        last = Some(thread::spawn(move || count.down()));
    }
    last.unwrap().join().unwrap();
}
