//! misconception: the lock around the total was held while the part was computed, so the threads
//! computed one after the other. Compute first, and lock for the addition only.

use std::ops::Range;

use super::world::{Arc, Mutex, is_prime, thread};

pub fn primes(parts: Vec<Range<u64>>) -> usize {
    let total = Arc::new(Mutex::new(0));
    let mut threads = Vec::new();
    for part in parts {
        let total = Arc::clone(&total);
        threads.push(thread::spawn(move || {
            let mut total = total.lock().unwrap();
            *total += part.filter(|n| is_prime(*n)).count();
        }));
    }
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    *total.lock().unwrap()
}
