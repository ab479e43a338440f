//! Proving: runs concurrent code under every schedule within a bound, and tells the shortest
//! schedule that fails.
//!
//! [shuttle](https://docs.rs/shuttle) runs the code's threads one at a time. Before each operation
//! that other threads could notice, it asks which thread runs next. The search here gives every
//! answer, one after the other, depth first, with a bound on the *preemptions*. A preemption stops
//! a thread that could go on; a switch at the end of a thread, or when it has to wait, costs
//! nothing. Most bugs need one or two preemptions (Musuvathi and Qadeer, "Iterative context
//! bounding for systematic testing of multithreaded programs", PLDI 2007), so few schedules are
//! left, and all of them can be run.
//!
//! It can't see weak memory: an atomic here always shows the last value. Nor can it see operations
//! that do not come from [`shuttle::sync`] and [`shuttle::thread`]: a `std` lock hides schedules,
//! and makes the proof worthless. So code to be proven imports all of them from one module, which
//! the proof replaces. A thread without any operation that the checker sees makes a [`Claim`] fail.

use std::cell::Cell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use shuttle::scheduler::Scheduler;
use shuttle::sync::atomic::{AtomicBool, Ordering::SeqCst};
use shuttle::{Config, FailurePersistence, Runner};

use crate::workers::words;
use search::Search;

mod below;
pub mod channel;
mod claim;
mod condvar;
pub mod game;
pub mod graph;
mod op;
mod record;
pub mod scoped;
mod search;
pub mod step;
mod tested;
pub mod world;

pub use below::below;
pub use claim::{Claim, Expect, report};
pub use condvar::{Condvar, WaitTimeout, spuriously};
pub use tested::{numbered, refused, table};

/// Which schedules to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// The most preemptions; `None` is any number, and so all schedules.
    pub preemptions: Option<usize>,
    /// The most schedules. If there are more, the search is not complete.
    pub schedules: usize,
    /// The number of failing schedules after which the search stops.
    pub failures: usize,
}

impl Bound {
    /// All schedules.
    pub fn all() -> Self {
        Self {
            preemptions: None,
            schedules: 10_000_000,
            failures: 1_000,
        }
    }

    /// All schedules with at most so many preemptions.
    pub fn preemptions(most: usize) -> Self {
        Self {
            preemptions: Some(most),
            ..Self::all()
        }
    }

    /// Stops at the first schedule that fails.
    #[must_use]
    pub fn first(self) -> Self {
        Self {
            failures: 1,
            ..self
        }
    }
}

/// What happened in one schedule, a line for each step. It is cleared before each schedule. Its
/// lock is a plain `std` one, so telling is no step of the schedule.
#[derive(Debug, Clone, Default)]
pub struct Story(Arc<Mutex<Vec<String>>>);

impl Story {
    /// Adds a line.
    pub fn tell(&self, line: impl Into<String>) {
        lock(&self.0).push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.0))
    }
}

/// The result of a search.
#[derive(Debug, Clone)]
pub struct Explored {
    /// The bound that was asked for.
    pub bound: Bound,
    /// The number of schedules that were run.
    pub schedules: usize,
    /// Whether these are all schedules within the bound.
    pub complete: bool,
    /// The number of schedules that failed.
    pub failing: usize,
    /// The failing schedule with the fewest preemptions, and of several the shortest.
    pub shortest: Option<Failure>,
    /// The number of a thread that ended without an operation that the checker sees, in a schedule
    /// that did not fail. Threads that start others are not counted, unless the first is alone.
    pub blind: Option<usize>,
}

/// A schedule that fails.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failure {
    /// The reason: the verdict's error, or the message of the panic.
    pub message: String,
    /// The steps, as the code told them.
    pub story: Vec<String>,
    /// The thread that ran at each step, by number: 0 is the thread that starts the others.
    /// [`replay`] takes it.
    pub schedule: Vec<usize>,
    /// The number of steps before which a thread was stopped that could have gone on.
    pub preemptions: usize,
}

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schedules = match self.schedules {
            1 => "1 schedule".to_owned(),
            n => format!("{n} schedules"),
        };
        let scope = match (self.complete, self.bound.preemptions) {
            (false, _) => "not all of them".to_owned(),
            (true, None) => "all that there are".to_owned(),
            (true, Some(1)) => "all with at most 1 preemption".to_owned(),
            (true, Some(most)) => format!("all with at most {most} preemptions"),
        };
        write!(f, "{schedules} ({scope}), {} failed", self.failing)
    }
}

/// The result of one schedule; an error says what is wrong.
pub type Verdict = Result<(), String>;

/// Runs `body` under all schedules within the bound. A schedule fails if the body returns an error,
/// panics, deadlocks, or does not end. (shuttle prints a line to stderr for each panic and each
/// deadlock.)
///
/// The body must be deterministic: with the same choices of threads it must do the same. If it is
/// not, that is the failure.
pub fn explore(bound: Bound, body: impl Fn(&Story) -> Verdict + Send + Sync + 'static) -> Explored {
    let search = Search::new(bound.preemptions, bound.schedules);
    let mut found = run(&search, bound.failures, body);
    let (schedules, mut complete) = search.progress();
    if let Some(step) = search.diverged() {
        complete = false;
        found.failing = 1;
        found.shortest = Some(Failure {
            message: format!(
                "the code under the checker is not deterministic: at step {step} other threads \
                 could run than in an earlier run with the same steps before"
            ),
            ..Failure::default()
        });
    }
    Explored {
        bound,
        schedules,
        complete,
        failing: found.failing,
        shortest: found.shortest,
        blind: search.blind(),
    }
}

/// Runs `body` under one schedule. `None` if it does not fail.
///
/// # Panics
/// If the schedule does not fit the threads and steps of the body.
pub fn replay(
    schedule: &[usize],
    body: impl Fn(&Story) -> Verdict + Send + Sync + 'static,
) -> Option<Failure> {
    let search = Search::along(schedule);
    let found = run(&search, 1, body);
    assert!(search.fits(), "the schedule does not fit the code");
    found.shortest
}

/// The failures of a search so far.
#[derive(Debug, Default)]
struct Found {
    failing: usize,
    shortest: Option<Failure>,
}

/// Runs a search to its end, or until so many schedules have failed.
fn run(
    search: &Search,
    failures: usize,
    body: impl Fn(&Story) -> Verdict + Send + Sync + 'static,
) -> Found {
    let (found, story) = (Arc::new(Mutex::new(Found::default())), Story::default());
    let failed = {
        let (search, story, found) = (search.clone(), story.clone(), Arc::clone(&found));
        Arc::new(move |message| {
            let (schedule, preemptions) = search.path();
            let failure = Failure {
                message,
                story: story.take(),
                schedule,
                preemptions,
            };
            let mut found = lock(&found);
            found.failing += 1;
            if found.failing >= failures {
                search.stop();
            }
            let length = |failure: &Failure| (failure.preemptions, failure.schedule.len());
            let best = found.shortest.as_ref();
            if best.is_none_or(|best| length(&failure) < length(best)) {
                found.shortest = Some(failure);
            }
        })
    };
    let one = Arc::new({
        let (search, failed) = (search.clone(), Arc::clone(&failed));
        move || {
            story.take();
            match body(&story) {
                Ok(()) => search.passed(),
                Err(message) => failed(message),
            }
        }
    });
    // A panic ends shuttle's run, but not the search: the next run goes on with the next schedule.
    loop {
        let one = Arc::clone(&one);
        match guarded(search.clone(), move || one()) {
            Ok(()) => break,
            Err(message) => failed(message),
        }
    }
    std::mem::take(&mut *lock(&found))
}

thread_local! {
    /// Whether panics of this thread are part of the search, and not to be printed.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs schedules until one panics.
///
/// # Errors
/// The error is the panic's message.
fn guarded(
    search: impl Scheduler + 'static,
    body: impl Fn() + Send + Sync + 'static,
) -> Result<(), String> {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.silence_warnings = true;
    // Code that takes so many steps does not end.
    config.max_steps = shuttle::MaxSteps::FailAfter(100_000);
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        // shuttle installs a hook of its own with the first run. This one is put around it.
        shuttle::check_dfs(|| (), Some(1));
        let noisy = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                noisy(info);
            }
        }));
    });
    QUIET.set(true);
    let run = || Runner::new(search, config).run(body);
    let ended = panic::catch_unwind(AssertUnwindSafe(run));
    QUIET.set(false);
    match ended {
        Ok(_) => Ok(()),
        Err(panic) => Err(words(&*panic).to_owned()),
    }
}

/// A moment in which another thread may run: a step that does nothing. (`thread::yield_now` would
/// be one in which another thread must run: there are fewer schedules with it.)
pub fn moment() {
    AtomicBool::new(false).load(SeqCst);
}

/// A panic of the searched code leaves these data whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shuttle::sync::atomic::AtomicUsize;
    use shuttle::sync::{Arc, Mutex};
    use shuttle::thread;

    /// So many threads that each count up once, in one operation or in two.
    fn counting(
        threads: usize,
        in_one: bool,
    ) -> impl Fn(&Story) -> Verdict + Send + Sync + 'static {
        move |story| {
            let counter = Arc::new(AtomicUsize::new(0));
            let count = |number| {
                let (counter, story) = (Arc::clone(&counter), story.clone());
                thread::spawn(move || {
                    if in_one {
                        counter.fetch_add(1, SeqCst);
                    } else {
                        let value = counter.load(SeqCst);
                        story.tell(format!("{number} reads {value}"));
                        counter.store(value + 1, SeqCst);
                        story.tell(format!("{number} writes {}", value + 1));
                    }
                })
            };
            let all: Vec<_> = (0..threads).map(count).collect();
            all.into_iter().for_each(|thread| thread.join().unwrap());
            match counter.load(SeqCst) {
                value if value == threads => Ok(()),
                value => Err(format!("{value} instead of {threads}")),
            }
        }
    }

    #[test]
    fn without_a_bound_it_runs_as_many_schedules_as_shuttle_itself() {
        for threads in [2, 3] {
            let story = Story::default();
            let body = counting(threads, true);
            let theirs = shuttle::scheduler::DfsScheduler::new(None, false);
            let theirs = Runner::new(theirs, Config::new()).run(move || body(&story).unwrap());
            let ours = explore(Bound::all(), counting(threads, true));
            assert_eq!(
                (ours.schedules, ours.complete, ours.failing),
                (theirs, true, 0)
            );
        }
    }

    #[test]
    fn the_search_for_the_first_failure_ends_with_it() {
        let first = explore(Bound::all().first(), counting(2, false));
        assert_eq!((first.failing, first.complete), (1, false));
        let third = Bound {
            failures: 3,
            ..Bound::all()
        };
        assert_eq!(explore(third, counting(2, false)).failing, 3);
    }

    #[test]
    fn a_race_needs_one_preemption_and_is_told_in_four_steps() {
        let none = explore(Bound::preemptions(0), counting(2, false));
        assert!(none.complete && none.failing == 0, "{none}");
        let one = explore(Bound::preemptions(1), counting(2, false));
        assert!(one.complete && one.failing > 0, "{one}");
        let failure = one.shortest.unwrap();
        assert_eq!(failure.story.len(), 4, "{:?}", failure.story);
        assert_eq!(failure.message, "1 instead of 2");
        let again = replay(&failure.schedule, counting(2, false)).unwrap();
        assert_eq!(again, failure);
    }

    #[test]
    fn code_that_is_not_deterministic_is_told_and_harms_no_later_claim() {
        let runs = std::sync::atomic::AtomicUsize::new(0);
        let found = explore(Bound::all(), move |story| {
            // Another number of threads in each run.
            let more = runs.fetch_add(1, SeqCst) % 2;
            counting(2 + more, true)(story)
        });
        assert!(!found.complete, "{found}");
        let message = found.shortest.unwrap().message;
        assert!(message.contains("not deterministic: at step"), "{message}");
        assert_eq!(explore(Bound::all(), counting(2, true)).schedules, 19);
    }

    #[test]
    fn code_without_an_end_fails() {
        let found = explore(Bound::preemptions(0).first(), |_| {
            let counter = AtomicUsize::new(0);
            while counter.load(SeqCst) == 0 {}
            Ok(())
        });
        assert_eq!(found.failing, 1, "{found}");
        let message = found.shortest.unwrap().message;
        assert!(message.contains("exceeded max_steps"), "{message}");
    }

    #[test]
    #[should_panic(expected = "the schedule does not fit the code")]
    fn a_schedule_of_other_code_is_no_failure() {
        replay(&[0, 0, 7, 7], counting(2, true));
    }

    #[test]
    fn a_deadlock_is_a_failure_and_a_limit_is_no_pass() {
        let body = |_: &Story| {
            let locks = Arc::new([Mutex::new(()), Mutex::new(())]);
            let both = |first: usize| {
                let locks = Arc::clone(&locks);
                thread::spawn(move || {
                    let _held = locks[first].lock().unwrap();
                    drop(locks[1 - first].lock().unwrap());
                })
            };
            for thread in [both(0), both(1)] {
                thread.join().unwrap();
            }
            Ok(())
        };
        let found = explore(Bound::all(), body);
        assert!(found.complete && found.failing > 0, "{found}");
        assert!(found.shortest.unwrap().message.contains("deadlock"));
        let few = Bound {
            schedules: 2,
            ..Bound::all()
        };
        assert!(!explore(few, body).complete);
        assert!(!explore(Bound::all().first(), body).complete);
    }

    #[test]
    fn a_claim_is_refused_if_its_verdict_its_message_or_its_scope_is_another() {
        let all = Bound::all();
        let right = || Claim::holds("one operation", all, 19, counting(2, true));
        assert_eq!(right().check().map(|explored| explored.schedules), Ok(19));
        let wrong =
            |words| Claim::fails("two", words, Bound::preemptions(1), 7, counting(2, false));
        let refused = |claim: Claim| claim.check().unwrap_err();
        let few = Claim {
            schedules: 18,
            ..right()
        };
        assert!(refused(few).contains("19 schedules were run"));
        // It does not run all 1 121 of three threads to know that they are more than 19.
        let many = Claim::holds("three", all, 19, counting(3, true));
        assert!(refused(many).starts_with("at least 20 schedules were run"));
        let less = Claim {
            bound: Bound::preemptions(1),
            ..right()
        };
        assert!(refused(less).contains("the claim is about 19"));
        let given_up = Bound {
            schedules: 5,
            ..all
        };
        assert!(
            refused(Claim {
                bound: given_up,
                ..right()
            })
            .starts_with("OPEN")
        );
        let fails = Claim {
            expect: Expect::Fails("1 instead"),
            ..right()
        };
        assert_eq!(refused(fails), "TRUE, and should be FALSE");
        let holds = Claim {
            expect: Expect::Holds,
            ..wrong("")
        };
        let told = refused(holds);
        assert!(told.starts_with("FALSE, and should be TRUE\n"), "{told}");
        assert!(told.contains("2. 1 reads 0\n"), "{told}");
        assert!(refused(wrong("deadlock")).starts_with("failed with \"1 instead of 2\""));
    }
}
