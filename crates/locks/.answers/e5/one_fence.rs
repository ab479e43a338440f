//! misconception: a fence in one thread orders nothing in the other one. Fences come in pairs, like
//! `Release` and `Acquire`: one on each side.

use super::world::{Flag, Letter, Ordering::*, fence};

pub fn post(letter: &Letter, flag: &Flag) {
    letter.store(42, Relaxed);
    fence(SeqCst);
    flag.store(true, Relaxed);
}

pub fn collect(letter: &Letter, flag: &Flag) -> Option<u32> {
    let raised = flag.load(Relaxed);
    raised.then(|| letter.load(Relaxed))
}
