//! misconception: only one thread was joined. The thread that was started last need not end last:
//! join every thread.

use super::world::{Count, thread};

pub fn all(counts: Vec<Count>) {
    let mut last = None;
    for count in counts {
        last = Some(thread::spawn(move || count.down()));
    }
    last.unwrap().join().unwrap();
}
