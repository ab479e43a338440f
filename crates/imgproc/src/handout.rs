//! The hand-out: which photo is next. Each photo goes to one worker, whoever asks first.

use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How many photos were handed out.
#[derive(Debug, Default)]
pub struct HandOut(AtomicUsize);

impl HandOut {
    /// Returns the next task that no worker has, with its number. `None` when there is none, or
    /// once `stop` is set.
    pub fn next<'a, T>(&self, tasks: &'a [T], stop: &AtomicBool) -> Option<(usize, &'a T)> {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        Some((number, tasks.get(number)?))
    }
}
