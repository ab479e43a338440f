//! compiler: cannot borrow data in an `Arc` as mutable
//!
//! misconception: an `Arc` lets threads own a value together: all of them may read it, and none may
//! change it. Put a `Mutex` inside the `Arc`: it lets one thread at a time change the value.

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
