//! Threads that are to change one value need a value that they own together.
//!
//! Two threads each add 1 to one counter, and `count` returns its value after that. As it stands,
//! each thread has a counter of its own. `Rc`, `Arc` and `Mutex` are in `super::world`, and have
//! the functions that the standard library gives them. Try `Rc` first, and read what the compiler
//! says.

use super::world::{Counter, thread};

pub fn count() -> u64 {
    let counter = Counter::default();
    let threads = [1, 2].map(|_| {
        let mut own = counter.clone();
        thread::spawn(move || own.add(1))
    });
    for thread in threads {
        thread.join().unwrap();
    }
    counter.value()
}
