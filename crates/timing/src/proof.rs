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
use step::Body;

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
    let mut found = run(&search, bound.failures, Arc::new(body));
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
    let found = run(&search, 1, Arc::new(body));
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
fn run(search: &Search, failures: usize, body: Body) -> Found {
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
    let one: Run = {
        let (search, failed) = (search.clone(), Arc::clone(&failed));
        Arc::new(move || {
            story.take();
            match body(&story) {
                Ok(()) => search.passed(),
                Err(message) => failed(message),
            }
        })
    };
    // A panic ends shuttle's run, but not the search: the next run goes on with the next schedule.
    loop {
        match guarded(search.clone(), &one) {
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

/// One run under the checker. It is called through a pointer, so that shuttle's own loop is
/// compiled once for all of them: each copy of it costs the compiler half a second.
type Run = Arc<dyn Fn() + Send + Sync>;

/// Runs schedules until one panics.
///
/// # Errors
/// The error is the panic's message.
fn guarded(search: impl Scheduler + 'static, run: &Run) -> Result<(), String> {
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
    let run = Arc::clone(run);
    let all = || Runner::new(search, config).run(move || run());
    let ended = panic::catch_unwind(AssertUnwindSafe(all));
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
mod tests;
