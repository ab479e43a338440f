//! misconception: a clone of a value is another value. What a thread adds to its own copy is seen
//! by nobody; clone the `Arc` around the value, which leads all owners to the same one.

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
