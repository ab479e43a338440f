//! misconception: each thread got a new `Arc` with a new `Mutex`. Make one, and give each thread an
//! `Arc::clone` of it: only that is another owner of the same value.

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
