//! A fork that lies on the table and can be taken: a lock with a name, which notices deadlocks.

use timing::watch::Watch;

use crate::outcome::End;
use crate::rule::Step;
use crate::seat::Seat;
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use crate::{Job, OnStep, names};

/// One fork.
#[derive(Debug)]
pub struct Fork {
    number: usize,
    name: String,
    lock: Mutex<()>,
    watch: Option<Watch>,
}

/// A fork in somebody's hand. It is put back when this is dropped.
pub struct Held<'a> {
    fork: &'a Fork,
    seat: usize,
    who: Arc<str>,
    on_step: Option<OnStep>,
    guard: Option<MutexGuard<'a, ()>>,
}

/// Lays one fork for each seat. Number 0 lies to the left of seat 0, and so on: the last seat's
/// right fork is number 0 again.
pub fn lay(job: &Job) -> Arc<[Fork]> {
    let fork = |number| Fork {
        number,
        name: names::fork(number),
        lock: Mutex::new(()),
        watch: job.observers.watch.clone(),
    };
    (0..job.seats).map(fork).collect()
}

impl Fork {
    /// Waits until the fork is free, and takes it.
    ///
    /// # Errors
    /// If waiting would close a cycle in the wait-for graph, or somebody else has ended the dinner.
    #[track_caller]
    pub fn take(&self, seat: &mut Seat) -> Result<Held<'_>, End> {
        if let Some(watch) = &self.watch {
            watch.wants(seat.name(), &self.name).map_err(|cycle| {
                seat.tell(Step::Deadlocks(self.number));
                // Before any fork is put back: nobody may eat with it after the deadlock.
                seat.end_dinner(watch, &self.name);
                End::Deadlock(cycle)
            })?;
        }
        // The lock protects no data that a panic could have left half done.
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.taken(guard, seat);
        match seat.is_over() {
            true => Err(End::Over),
            false => Ok(held),
        }
    }

    /// Takes the fork if it is free now, without waiting.
    #[track_caller]
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
            on_step: seat.on_step(),
            guard: Some(guard),
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(watch) = &self.fork.watch {
            watch.gives(&self.who, &self.fork.name);
        }
        // Reported after it is done. A checker lets no other thread in between, so the two are one
        // step.
        drop(self.guard.take());
        if let Some(on_step) = &self.on_step {
            on_step(self.seat, Step::Puts(self.fork.number));
        }
    }
}
