//! A thread that sees the flag must also see the letter that was written before it.
//!
//! One thread calls `post`, another one `collect`. If `collect` finds the flag raised, it must find
//! the letter, which is never 0: not only on this machine, but in every execution that the memory
//! model allows. `Relaxed` keeps each variable whole, and promises no order between the two.

use super::world::{Flag, Letter, Ordering::*};

pub fn post(letter: &Letter, flag: &Flag) {
    letter.store(42, Relaxed);
    flag.store(true, Relaxed);
}

pub fn collect(letter: &Letter, flag: &Flag) -> Option<u32> {
    let raised = flag.load(Relaxed);
    raised.then(|| letter.load(Relaxed))
}
