//! A fork that lies on the table and can be taken: a lock with a name.

use timing::watch::Watch;

use crate::outcome::End;
use crate::rule::Step;
use crate::seat::Seat;
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use crate::{Job, Tell};

/// One fork.
#[derive(Debug)]
pub struct Fork {
    number: usize,
    name: String,
    lock: Mutex<()>,
    watch: Option<Watch>,
}

/// Taken; put back when this is dropped.
pub struct Held<'a> {
    fork: &'a Fork,
    seat: usize,
    who: Arc<str>,
    tell: Option<Tell>,
    guard: Option<MutexGuard<'a, ()>>,
}

/// What a fork is called.
pub fn name(number: usize) -> String {
    format!("fork {number}")
}

/// One fork for each seat: number 0 lies to the left of seat 0, and so on, so that the last philosopher's right one is number 0 again.
pub fn lay(job: &Job) -> Arc<[Fork]> {
    let fork = |number| Fork {
        number,
        name: name(number),
        lock: Mutex::new(()),
        watch: job.watch.clone(),
    };
    (0..job.seats).map(fork).collect()
}

impl Fork {
    /// Waits until the fork is free, and takes it.
    ///
    /// # Errors
    /// If waiting would close a circle, or somebody else has ended the dinner.
    pub fn take(&self, seat: &mut Seat) -> Result<Held<'_>, End> {
        if let Some(watch) = &self.watch {
            watch.wants(seat.name(), &self.name).map_err(|circle| {
                seat.tell(Step::Sticks(self.number));
                // Before anything is put back: nobody shall eat with it after this.
                seat.end_dinner(watch, &self.name);
                End::Deadlock(circle)
            })?;
        }
        // Nothing lies behind the lock that a panic could have left half done.
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.taken(guard, seat);
        match seat.is_over() {
            true => Err(End::Over),
            false => Ok(held),
        }
    }

    /// Takes the fork if it is free now.
    pub fn try_take(&self, seat: &mut Seat) -> Option<Held<'_>> {
        let guard = match self.lock.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                seat.tell(Step::Finds(self.number));
                return None;
            }
        };
        Some(self.taken(guard, seat))
    }

    fn taken<'a>(&'a self, guard: MutexGuard<'a, ()>, seat: &mut Seat) -> Held<'a> {
        if let Some(watch) = &self.watch {
            watch.has(seat.name(), &self.name);
        }
        seat.takes(self.number);
        Held {
            fork: self,
            seat: seat.number(),
            who: Arc::clone(seat.name()),
            tell: seat.teller(),
            guard: Some(guard),
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(watch) = &self.fork.watch {
            watch.gives(&self.who, &self.fork.name);
        }
        // Told when it is done: then a checker, which lets nobody in between, sees both as one step.
        drop(self.guard.take());
        if let Some(tell) = &self.tell {
            tell(self.seat, Step::Puts(self.fork.number));
        }
    }
}
