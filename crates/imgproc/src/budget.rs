//! A limit on the memory in flight, in bytes. A channel's capacity counts photos, but photos differ
//! in size a hundredfold.

use crate::sync::{Condvar, Mutex};

/// A number of bytes that may be in flight. A thread that needs more waits until enough are given
/// back.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    out: Mutex<u64>,
    came_back: Condvar,
}

impl Budget {
    /// Makes a budget of `limit` bytes.
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            out: Mutex::new(0),
            came_back: Condvar::new(),
        }
    }

    /// Takes `bytes` if they fit at once.
    ///
    /// # Panics
    /// If a thread panicked while it counted.
    pub fn try_acquire(&self, bytes: u64) -> Option<Share<'_>> {
        let mut out = self.out.lock().expect("no panic while counting");
        self.fits(*out, bytes).then(|| {
            *out += bytes;
            Share {
                budget: self,
                bytes,
            }
        })
    }

    fn fits(&self, out: u64, bytes: u64) -> bool {
        out == 0 || out + bytes <= self.limit
    }

    /// Waits until `bytes` fit. A share that is larger than the whole budget fits when no other is
    /// in flight.
    ///
    /// # Panics
    /// If a thread panicked while it counted.
    pub fn acquire(&self, bytes: u64) -> Share<'_> {
        let out = self.out.lock().expect("no panic while counting");
        let mut out = self
            .came_back
            .wait_while(out, |out| !self.fits(*out, bytes))
            .expect("no panic while counting");
        *out += bytes;
        Share {
            budget: self,
            bytes,
        }
    }
}

/// A part of the budget. Dropping it gives it back, also where a photo failed.
#[derive(Debug)]
pub struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        // Not `expect`: a second panic while another unwinds would abort the process.
        if let Ok(mut out) = self.budget.out.lock() {
            *out -= self.bytes;
        }
        self.budget.came_back.notify_all();
    }
}
