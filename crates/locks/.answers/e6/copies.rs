//! misconception: a clone of a value is another value. No other thread sees what a thread adds to
//! its own copy. Clone the `Arc` around the value: all clones of an `Arc` lead to the same value.

use super::world::{Arc, Counter, Mutex, thread};

pub fn count() -> u64 {
    let counter = Arc::new(Mutex::new(Counter::default()));
    let threads = [1, 2].map(|_| {
        let mut copy = counter.lock().unwrap().clone();
        thread::spawn(move || copy.add(1))
    });
    for thread in threads {
        thread.join().unwrap();
    }
    counter.lock().unwrap().value()
}
