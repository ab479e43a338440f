//! `Arc` lets threads own a value together, and `Mutex` lets one at a time change it.

use super::world::{Arc, Counter, Mutex, thread};

pub fn count() -> u64 {
    let counter = Arc::new(Mutex::new(Counter::default()));
    let threads = [1, 2].map(|_| {
        let counter = Arc::clone(&counter);
        thread::spawn(move || counter.lock().unwrap().add(1))
    });
    for thread in threads {
        thread.join().unwrap();
    }
    counter.lock().unwrap().value()
}
