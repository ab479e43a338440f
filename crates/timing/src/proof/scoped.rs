//! Scoped threads for proofs, with what shuttle's do not have: a builder, the system's refusal of a
//! thread, and a panic that ends one thread instead of the schedule.

use std::cell::Cell;
use std::io;
use std::panic::{self, AssertUnwindSafe};

use shuttle::thread;
pub use shuttle::thread::{Scope, scope};

use crate::workers::Join;

thread_local! {
    /// How many more threads are started before one is refused; `None` if none is.
    static REFUSED: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The panic that ends the thread alone.
const DIES: &str = "it dies";

/// Ends the current scoped thread by a panic: joining it returns the error. (Any other panic fails
/// the schedule.)
pub fn dies() -> ! {
    panic::resume_unwind(Box::new(DIES))
}

/// Runs a claim's body so that a thread is refused, after so many that were started.
pub fn refusing<T>(after: usize, body: impl FnOnce() -> T) -> T {
    /// A body that panics must not leave the next claim with a refusal.
    struct Restore;
    impl Drop for Restore {
        fn drop(&mut self) {
            REFUSED.set(None);
        }
    }
    REFUSED.set(Some(after));
    let _restore = Restore;
    body()
}

/// Makes a thread. It is as in the standard library, but for the name, which nobody reads.
#[derive(Debug, Default)]
pub struct Builder(());

impl Builder {
    /// Returns a builder of a thread.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a thread in a scope.
    ///
    /// # Errors
    /// If the claim is about a refusal of this thread ([`refusing`]).
    pub fn spawn_scoped<'scope, F, T>(
        self,
        scope: &'scope Scope<'scope, '_>,
        body: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        if let Some(after) = REFUSED.get() {
            REFUSED.set(after.checked_sub(1));
            if after == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
        let body = move || match panic::catch_unwind(AssertUnwindSafe(body)) {
            Err(panic) if panic.downcast_ref() != Some(&DIES) => panic::resume_unwind(panic),
            ended => ended,
        };
        Ok(ScopedJoinHandle(scope.spawn(body)))
    }
}

/// The right to wait for the end of a scoped thread.
#[derive(Debug)]
pub struct ScopedJoinHandle<'scope, T>(thread::ScopedJoinHandle<'scope, thread::Result<T>>);

impl<T> ScopedJoinHandle<'_, T> {
    /// Waits for the end of the thread.
    ///
    /// # Errors
    /// If it died.
    pub fn join(self) -> thread::Result<T> {
        self.0.join()?
    }
}

impl<T> Join for ScopedJoinHandle<'_, T> {
    type Output = T;

    fn join(self) -> thread::Result<T> {
        Self::join(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::{Bound, Verdict, explore, moment};
    use crate::workers;

    /// Two threads, of which the second may die, or be refused.
    fn two(second_dies: bool) -> Verdict {
        let run = || -> anyhow::Result<Vec<i32>> {
            scope(|scope| {
                let mut threads = Vec::new();
                for number in 0..2 {
                    let name = format!("worker {number}");
                    let body = move || {
                        moment();
                        if second_dies && number == 1 {
                            dies();
                        }
                        number
                    };
                    let thread = Builder::new().spawn_scoped(scope, body);
                    threads.push((name.clone(), workers::started(&name, thread)?));
                }
                workers::join_all(threads)
            })
        };
        run().map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn a_thread_may_die_or_be_refused_and_the_next_schedule_has_all() {
        let message = |body: fn() -> Verdict| {
            let explored = explore(Bound::all(), move |_| body());
            assert!(explored.complete, "{explored}");
            explored.shortest.map(|failure| failure.message)
        };
        let dying = message(|| two(true));
        assert_eq!(dying.as_deref(), Some("worker 1 panicked: it dies"));
        let refused = message(|| refusing(1, || two(false)));
        assert_eq!(
            refused.as_deref(),
            Some("can't start a thread for worker 1")
        );
        assert_eq!(message(|| two(false)), None);
        // Nor is there a refusal left that was not come to.
        assert_eq!(message(|| refusing(2, || two(false))), None);
        assert_eq!(message(|| two(false)), None);
    }

    #[test]
    fn a_panic_that_is_a_mistake_fails_the_schedule_whoever_joins() {
        let explored = explore(Bound::all(), |_| {
            scope(|scope| {
                let thread = Builder::new().spawn_scoped(scope, || panic!("by mistake"));
                let _ = thread.unwrap().join();
            });
            Ok(())
        });
        let message = explored.shortest.unwrap().message;
        assert!(message.contains("by mistake"), "{message}");
    }
}
