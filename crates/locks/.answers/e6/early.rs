//! misconception: the counter was read before the threads had ended. A thread that was spawned runs
//! when the scheduler lets it: only `join` waits for its end.

use super::world::{Arc, Counter, Mutex, thread};

pub fn count() -> u64 {
    let counter = Arc::new(Mutex::new(Counter::default()));
    for _ in 0..2 {
        let counter = Arc::clone(&counter);
        thread::spawn(move || counter.lock().unwrap().add(1));
    }
    counter.lock().unwrap().value()
}
