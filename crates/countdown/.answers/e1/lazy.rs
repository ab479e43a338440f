//! misconception: each thread was joined before the next one was started, so there was never more
//! than one. Start all threads first, keep their handles in a `Vec`, and join them in a second
//! loop. (An iterator is lazy: `map` starts no thread until a loop or `collect` asks for it.)

use super::world::{Count, thread};

pub fn all(counts: Vec<Count>) {
    let start = |count: Count| thread::spawn(move || count.down());
    let threads = counts.into_iter().map(start);
    for thread in threads {
        thread.join().unwrap();
    }
}
