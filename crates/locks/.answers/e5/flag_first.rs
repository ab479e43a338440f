//! misconception: the flag was raised before the letter was written. No ordering can help:
//! `Release` publishes what comes before the store, and nothing that comes after it.

use super::world::{Flag, Letter, Ordering::*};

pub fn post(letter: &Letter, flag: &Flag) {
    flag.store(true, Release);
    letter.store(42, Release);
}

pub fn collect(letter: &Letter, flag: &Flag) -> Option<u32> {
    let raised = flag.load(Acquire);
    raised.then(|| letter.load(Acquire))
}
