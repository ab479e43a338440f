//! A limit on the memory in flight, in bytes. A channel's capacity counts photos, but photos differ
//! in size a hundredfold.

use std::sync::{Condvar, Mutex};

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    #[test]
    fn never_more_out_than_the_limit() {
        let budget = Budget::new(100);
        let (out, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for thread in 0..8_u64 {
                let (budget, out, most) = (&budget, &out, &most);
                scope.spawn(move || {
                    for round in 0..200 {
                        let bytes = 10 + (thread * 13 + round * 7) % 50;
                        let share = budget.acquire(bytes);
                        most.fetch_max(out.fetch_add(bytes, SeqCst) + bytes, SeqCst);
                        std::thread::yield_now();
                        out.fetch_sub(bytes, SeqCst);
                        drop(share);
                    }
                });
            }
        });
        assert!(most.load(SeqCst) <= 100, "{most:?}");
        assert_eq!(*budget.out.lock().unwrap(), 0);
    }

    #[test]
    fn what_is_too_large_goes_alone() {
        let budget = Budget::new(10);
        let share = budget.acquire(1_000);
        assert_eq!(*budget.out.lock().unwrap(), 1_000);
        drop(share);
        assert!(budget.try_acquire(11).is_some());
        let share = budget.acquire(10);
        assert!(budget.try_acquire(1).is_none());
        drop(share);
    }
}
