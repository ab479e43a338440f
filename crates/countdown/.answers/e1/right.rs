//! First all threads are started, then all are joined.

use super::world::{Count, thread};

pub fn all(counts: Vec<Count>) {
    let mut threads = Vec::new();
    for count in counts {
        threads.push(thread::spawn(move || count.down()));
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
