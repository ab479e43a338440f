//! compiler: cannot borrow data in an `Arc` as mutable
//!
//! misconception: an `Arc` only lets threads own a value together; they may all look at it, and
//! none may change it. What one of them may change at a time is inside a `Mutex` inside the `Arc`.

use super::world::{Arc, Counter, thread};

pub fn count() -> u64 {
    let counter = Arc::new(Counter::default());
    let threads = [1, 2].map(|_| {
        let counter = Arc::clone(&counter);
        thread::spawn(move || counter.add(1))
    });
    for thread in threads {
        thread.join().unwrap();
    }
    counter.value()
}
