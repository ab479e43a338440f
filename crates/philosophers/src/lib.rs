//! The dining philosophers: a round table, a fork between each two of them, and each needs two
//! forks to eat.
//!
//! A philosopher thinks, gets hungry, takes both forks, eats, puts them back, and thinks again. How
//! the forks are taken is the rule, and there is a file for each rule. Read this file first, then
//! the rules, which all have the same signature. What they share is in [`dine`] and [`seat`].

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use timing::Timeline;
use timing::watch::Watch;

pub mod dine;
pub mod fork;
pub mod hand_over;
pub mod ladder;
pub mod latch;
pub mod names;
pub mod outcome;
pub mod pace;
pub mod real_locks;
pub mod rule;
pub mod seat;
pub mod summary;
pub(crate) mod table;

pub mod chandy_misra;
pub mod monitor;
pub mod naive;
pub mod ordered;
pub mod try_lock;
pub mod waiter;

use ladder::AnyRule;
use outcome::Dinner;
use pace::Pace;
use rule::Step;

/// Locks, channels and threads: the only ones for which a philosopher may have to wait.
///
/// A proof mounts this file in a crate whose own `sync` has a checker's locks instead
/// (`examples/prove_table.rs`), and so compiles the same rules in another world.
///
/// The plain `std` locks and atomics of `seat.rs`, `table.rs` and `dine.rs` are invisible to the
/// checker. That is sound for two reasons. No philosopher waits while holding one of them, so none
/// of them can block. And they only observe, with one exception: the flag that the dinner is over
/// makes philosophers leave early. Under the checker it is set only after a deadlock, a panic, or
/// too many attempts in vain, and each of these fails the schedule.
pub mod sync {
    pub use crossbeam::channel;
    pub use std::{sync::*, thread};
}

/// How the forks are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// First the left fork, then the right: all of them, until each has one and waits for the other
    Naive,
    /// First the fork with the lower number: then no cycle can close
    Ordered,
    /// A waiter lets all but one sit down
    Waiter,
    /// If the second fork is taken, the first one is put back, and tried again later
    #[value(alias = "try_lock")]
    TryLock,
    /// Both forks or none, under one lock for the whole table
    Monitor,
    /// Forks are sent as messages: a dirty one is cleaned and given to a neighbour who asks, a
    /// clean one is kept
    #[value(alias = "chandy_misra")]
    ChandyMisra,
}

/// A rule in the real program: seats the philosophers, and waits until all have left the table.
pub type Run = fn(&Job, &Timeline) -> Result<Dinner>;

impl Strategy {
    /// The rule twice: as code, and as a model whose states can all be examined.
    pub fn rule(self) -> (Run, &'static dyn AnyRule) {
        match self {
            Self::Naive => (naive::run, &naive::Model),
            Self::Ordered => (ordered::run, &ordered::Model),
            Self::Waiter => (waiter::run, &waiter::Model),
            Self::TryLock => (try_lock::run, &try_lock::Model),
            Self::Monitor => (monitor::run, &monitor::Model),
            Self::ChandyMisra => (chandy_misra::run, &chandy_misra::Model),
        }
    }

    /// Seats the philosophers, and waits until all have left the table. The deadlock of `naive` is
    /// made certain: it does not need bad luck.
    ///
    /// # Errors
    /// If a thread can't be started, or panics.
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<Dinner> {
        let mut job = job.clone();
        job.first_forks_together |= self == Self::Naive;
        let (run, _) = self.rule();
        run(&job, timeline)
    }

    /// Whether a dinner ended as its rule has it: only `naive` may deadlock, and no rule may end in
    /// a standstill of another kind.
    pub fn allows(self, dinner: &Dinner) -> bool {
        match &dinner.deadlock {
            Some(_) => self == Self::Naive,
            None => dinner.standstill.is_empty(),
        }
    }
}

/// What is to be done. Cloning it is cheap.
#[derive(Clone)]
pub struct Job {
    /// How many philosophers, and as many forks: two at least.
    pub seats: usize,
    /// How long each thinks and eats, and how often.
    pub pace: Pace,
    /// Nobody goes on with a first fork in hand until everybody has one. By the rule `naive` this
    /// is a certain deadlock; by the other rules it is one of which the locks know nothing.
    pub first_forks_together: bool,
    /// The dinner is given up after this time without a step; `None` waits for ever.
    pub give_up_after: Option<Duration>,
    /// Once true, nobody begins another meal.
    pub stop: Arc<AtomicBool>,
    /// What is observed.
    pub observers: Observers,
}

/// What is observed of a dinner. No rule depends on it.
#[derive(Clone)]
pub struct Observers {
    /// The wait-for graph of the forks that are locks. It notices a deadlock.
    pub watch: Option<Watch>,
    /// A timeline with a lane for each fork: solid while somebody eats with the fork, hatched while
    /// it is only held.
    pub fork_timeline: Timeline,
    /// Is told each step when it is done. Under a checker that is the order in which the steps
    /// happen; with real threads, of two steps at the same time either may be told first.
    pub on_step: Option<OnStep>,
}

/// A listener to the story: which seat, and what its philosopher does.
pub type OnStep = Arc<dyn Fn(usize, Step) + Send + Sync>;

impl Job {
    /// A dinner whose deadlocks are noticed, and of which nothing is recorded.
    pub fn new(seats: usize, pace: Pace) -> Self {
        Self {
            seats,
            pace,
            first_forks_together: false,
            give_up_after: Some(Duration::from_secs(5)),
            stop: Arc::default(),
            observers: Observers {
                watch: Some(Watch::default()),
                fork_timeline: Timeline::off(),
                on_step: None,
            },
        }
    }
}
