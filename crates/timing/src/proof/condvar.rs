//! A condition variable for proofs whose waits may end without a call.
//!
//! The standard library's may wake up *spuriously*. shuttle's never does, so code that looks at its
//! condition with `if` in the place of `while` would pass. Here somebody who has no reason to calls
//! all waiters, once, at any moment after the first wait has begun.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use shuttle::sync::{LockResult, MutexGuard};
use shuttle::{sync, thread};

thread_local! {
    /// Whether the schedules that this thread runs have spurious wake-ups.
    static SPURIOUS: Cell<bool> = const { Cell::new(false) };
}

/// Runs a claim's body so that waits at each [`Condvar`] may end without a call. Without it they
/// never do, and there are fewer schedules.
pub fn spuriously<T>(body: impl FnOnce() -> T) -> T {
    /// A body that panics must not leave the next claim with wake-ups that it did not ask for.
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            SPURIOUS.set(self.0);
        }
    }
    let _restore = Restore(SPURIOUS.replace(true));
    body()
}

/// How many waits of a condition variable have an end of their time: with more of them there would
/// be no last schedule.
const TIMED: usize = 2;

/// Whether a wait ended because its time was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitTimeout(bool);

impl WaitTimeout {
    /// Whether its time was up.
    pub fn timed_out(self) -> bool {
        self.0
    }
}

/// shuttle's condition variable, and the call without a reason.
#[derive(Debug, Default)]
pub struct Condvar {
    inner: Arc<sync::Condvar>,
    /// Whether the call without a reason is on its way. Not a step of the schedule.
    called: AtomicBool,
    /// How many waits with a time have begun. Not a step either.
    timed: AtomicUsize,
}

impl Condvar {
    /// Returns a condition variable at which nobody waits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Releases the lock and waits for a call, in one step; then locks again.
    ///
    /// # Errors
    /// If another thread panicked while holding the lock.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        if SPURIOUS.get() && !self.called.swap(true, Relaxed) {
            let inner = Arc::clone(&self.inner);
            thread::spawn(move || inner.notify_all());
        }
        self.inner.wait(guard)
    }

    /// Releases the lock and waits for a call or for its time; then locks again. Under the checker
    /// the time of the first two such waits is up at any moment, however long it is: at once, or
    /// after all else. The others have time without end.
    ///
    /// # Errors
    /// If another thread panicked while holding the lock.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeout)> {
        let is_up = Arc::new(AtomicBool::new(false));
        if self.timed.fetch_add(1, Relaxed) < TIMED {
            let (inner, is_up) = (Arc::clone(&self.inner), Arc::clone(&is_up));
            thread::spawn(move || {
                is_up.store(true, Relaxed);
                inner.notify_all();
            });
        }
        let with = |guard| (guard, WaitTimeout(is_up.load(Relaxed)));
        match self.inner.wait(guard) {
            Ok(guard) => Ok(with(guard)),
            Err(poisoned) => Err(PoisonError::new(with(poisoned.into_inner()))),
        }
    }

    /// Wakes up one of the threads that wait.
    pub fn notify_one(&self) {
        self.inner.notify_one();
    }

    /// Wakes up all threads that wait.
    pub fn notify_all(&self) {
        self.inner.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use shuttle::sync::Mutex;

    use super::*;
    use crate::proof::{Bound, Explored, explore};

    /// One thread waits until another one has set a flag, and looks at it again after each call,
    /// or only once.
    fn waiting(again: bool, spurious: bool) -> Explored {
        let body = move || {
            let shared = Arc::new((Mutex::new(false), Condvar::new()));
            let theirs = Arc::clone(&shared);
            let setter = thread::spawn(move || {
                *theirs.0.lock().unwrap() = true;
                theirs.1.notify_one();
            });
            let mut set = shared.0.lock().unwrap();
            if !*set {
                set = shared.1.wait(set).unwrap();
            }
            while again && !*set {
                set = shared.1.wait(set).unwrap();
            }
            let was_set = *set;
            drop(set);
            setter.join().unwrap();
            was_set.then_some(()).ok_or("woken for nothing".to_owned())
        };
        explore(Bound::all(), move |_| match spurious {
            true => spuriously(body),
            false => body(),
        })
    }

    #[test]
    fn only_a_spurious_wake_up_shows_that_the_condition_is_not_looked_at_again() {
        for (again, spurious, fails) in [
            (true, false, false),
            (true, true, false),
            (false, false, false),
            (false, true, true),
        ] {
            let explored = waiting(again, spurious);
            assert!(explored.complete, "{explored}");
            assert_eq!(
                explored.failing > 0,
                fails,
                "{again} {spurious}: {explored}"
            );
        }
        let story = waiting(false, true).shortest.unwrap();
        assert_eq!(story.message, "woken for nothing");
    }

    /// Whether the time of so many waits was up, in all orders in which they come to their end:
    /// nobody calls, or somebody does.
    fn timed(waits: usize, called: bool) -> Vec<bool> {
        let found = Arc::new(std::sync::Mutex::new(Vec::new()));
        let theirs = Arc::clone(&found);
        let explored = explore(Bound::all(), move |_| {
            let shared = Arc::new((Mutex::new(()), Condvar::new()));
            let bell = Arc::clone(&shared);
            let caller = thread::spawn(move || called.then(|| bell.1.notify_all()));
            let mut guard = shared.0.lock().unwrap();
            let mut is_up = true;
            for _ in 0..waits {
                let timeout;
                (guard, timeout) = shared.1.wait_timeout(guard, Duration::MAX).unwrap();
                is_up &= timeout.timed_out();
            }
            drop(guard);
            caller.join().unwrap();
            theirs.lock().unwrap().push(is_up);
            Ok(())
        });
        assert!(explored.complete, "{explored}");
        let mut found = found.lock().unwrap().clone();
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn the_time_of_two_waits_may_be_up_and_a_call_may_come_before() {
        assert_eq!(timed(1, false), [true]);
        assert_eq!(timed(2, false), [true]);
        assert_eq!(timed(3, false), [false; 0]);
        assert_eq!(timed(1, true), [false, true]);
    }
}
