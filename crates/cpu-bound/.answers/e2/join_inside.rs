//! misconception: each thread was joined before the next one was started. (An iterator is lazy:
//! `map` starts no thread until it is asked for one.) All must be started before the first `join`.

use std::ops::Range;

use super::world::{is_prime, thread};

pub fn primes(parts: Vec<Range<u64>>) -> usize {
    let count = |part: Range<u64>| part.filter(|n| is_prime(*n)).count();
    let start = |part| thread::spawn(move || count(part));
    let threads = parts.into_iter().map(start);
    threads.map(|thread| thread.join().unwrap()).sum()
}
