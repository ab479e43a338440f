//! What two threads may see of each other's writes, if no lock puts them in order. A core may keep a write to itself for a
//! while, and a compiler may move it: each thread sees its own in order, and the other's not always.

use crate::sync::atomic::{AtomicBool, AtomicU32, Ordering, fence};

/// A letter, and a flag that says that it is there ("message passing").
#[derive(Debug)]
pub struct Mailbox {
    letter: AtomicU32,
    there: AtomicBool,
}

impl Default for Mailbox {
    fn default() -> Self {
        // Not derived: a checker's atomics may have no default.
        Self {
            letter: AtomicU32::new(0),
            there: AtomicBool::new(false),
        }
    }
}

impl Mailbox {
    /// Puts a letter in, then raises the flag. With [`Ordering::Release`] (R) whoever sees the flag with Acquire (A) sees what was written
    /// before it, too.
    pub fn post(&self, letter: u32, raise: Ordering) {
        self.letter.store(letter, Ordering::Relaxed);
        self.there.store(true, raise); // (R), pairs with (A)
    }

    /// The letter, if the flag is up; `None` if it is not.
    pub fn collect(&self, look: Ordering) -> Option<u32> {
        let there = self.there.load(look); // (A), pairs with (R)
        there.then(|| self.letter.load(Ordering::Relaxed))
    }
}

/// Raises one's own flag, looks at the other's, and returns whether the way seems free ("store buffering", the heart of
/// Dekker's and Peterson's locks). If both do so, at least one must see the other. Without a fence both may find the way free: each
/// one's flag may still be on its way out of its core when the other looks.
pub fn is_free(mine: &AtomicBool, other: &AtomicBool, fenced: bool) -> bool {
    mine.store(true, Ordering::Relaxed);
    if fenced {
        // All fences of this kind are in one order, for all threads: who comes second sees what the first one wrote before.
        fence(Ordering::SeqCst);
    }
    !other.load(Ordering::Relaxed)
}
