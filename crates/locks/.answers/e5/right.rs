//! A load with `Acquire` that sees what a store with `Release` wrote also sees all that was written
//! before that store.

use super::world::{Flag, Letter, Ordering::*};

pub fn post(letter: &Letter, flag: &Flag) {
    letter.store(42, Relaxed);
    flag.store(true, Release); // pairs with the load in `collect`
}

pub fn collect(letter: &Letter, flag: &Flag) -> Option<u32> {
    let raised = flag.load(Acquire); // pairs with the store in `post`
    raised.then(|| letter.load(Relaxed))
}
