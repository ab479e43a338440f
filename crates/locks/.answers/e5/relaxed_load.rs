//! misconception: only the side that writes was ordered. The reader may have read the letter early:
//! its load of the flag must be `Acquire`, so that what comes after it sees what was published.

use super::world::{Flag, Letter, Ordering::*};

pub fn post(letter: &Letter, flag: &Flag) {
    letter.store(42, Relaxed);
    flag.store(true, Release);
}

pub fn collect(letter: &Letter, flag: &Flag) -> Option<u32> {
    let raised = flag.load(Relaxed);
    raised.then(|| letter.load(Relaxed))
}
