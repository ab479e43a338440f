//! misconception: only the side that reads was ordered. The writes of the other thread may become
//! visible in any order: its store to the flag must be `Release`, to publish what came before.

use super::world::{Flag, Letter, Ordering::*};

pub fn post(letter: &Letter, flag: &Flag) {
    letter.store(42, Release);
    flag.store(true, Relaxed);
}

pub fn collect(letter: &Letter, flag: &Flag) -> Option<u32> {
    let raised = flag.load(Acquire);
    raised.then(|| letter.load(Acquire))
}
