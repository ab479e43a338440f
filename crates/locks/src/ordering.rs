//! What two threads may see of each other's writes if no lock orders them. A core may keep a write
//! to itself for a while, and a compiler may move it: each thread sees its own operations in
//! program order, but not always those of the other thread.

use crate::sync::atomic::{AtomicBool, AtomicU32, Ordering, fence};

/// A letter, and a flag that says that the letter is there: "message passing".
#[derive(Debug)]
pub struct Mailbox {
    letter: AtomicU32,
    is_there: AtomicBool,
}

impl Default for Mailbox {
    fn default() -> Self {
        // Not derived, because a checker's atomics may have no default.
        Self {
            letter: AtomicU32::new(0),
            is_there: AtomicBool::new(false),
        }
    }
}

impl Mailbox {
    /// Puts a letter in, then raises the flag with the ordering `raise`.
    ///
    /// If the flag is raised with [`Ordering::Release`], and [`Mailbox::collect`] sees it with
    /// [`Ordering::Acquire`], then it also sees everything that was written before the flag.
    pub fn post(&self, letter: u32, raise: Ordering) {
        self.letter.store(letter, Ordering::Relaxed);
        self.is_there.store(true, raise); // (R), pairs with (A)
    }

    /// Looks at the flag with the ordering `look`. Returns the letter if the flag is up.
    pub fn collect(&self, look: Ordering) -> Option<u32> {
        let is_there = self.is_there.load(look); // (A), pairs with (R)
        is_there.then(|| self.letter.load(Ordering::Relaxed))
    }
}

/// Raises one's own flag, looks at the other's, and returns whether the other's seems to be down.
///
/// This is "store buffering", the heart of Dekker's and Peterson's locks: if both threads do so, at
/// least one of them must see the other's flag. Without a fence both may miss it, because a flag
/// may still be on its way out of its core when the other thread looks.
pub fn is_free(mine: &AtomicBool, other: &AtomicBool, fenced: bool) -> bool {
    mine.store(true, Ordering::Relaxed);
    if fenced {
        // All sequentially consistent fences have one order that holds for all threads. The thread
        // whose fence is second sees what the other thread wrote before its fence.
        fence(Ordering::SeqCst);
    }
    !other.load(Ordering::Relaxed)
}
