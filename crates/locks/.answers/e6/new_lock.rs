//! misconception: each thread got an `Arc` and a `Mutex` that were made anew. Only `Arc::clone` of
//! the first one gives a further owner of the same value.

use super::world::{Arc, Counter, Mutex, thread};

pub fn count() -> u64 {
    let counter = Arc::new(Mutex::new(Counter::default()));
    let threads = [1, 2].map(|_| {
        let counter = Arc::new(Mutex::new(counter.lock().unwrap().clone()));
        thread::spawn(move || counter.lock().unwrap().add(1))
    });
    for thread in threads {
        thread.join().unwrap();
    }
    counter.lock().unwrap().value()
}
