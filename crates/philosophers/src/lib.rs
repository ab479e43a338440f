//! The dining philosophers: a round table, a fork between each two, and everyone needs two to eat.
//!
//! Each philosopher thinks, gets hungry, takes both forks, eats, puts them back, and thinks again. How the forks are taken is the
//! whole lesson. Read this file, then the strategies, which all have the same signature; [`dine`] and [`seat`] have what they share.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use timing::Timeline;
use timing::watch::Watch;

pub mod dine;
pub mod fork;
pub mod ladder;
pub mod outcome;
pub mod pace;
pub mod rule;
pub mod seat;

pub mod chandy_misra;
pub mod monitor;
pub mod naive;
pub mod ordered;
pub mod try_lock;
pub mod waiter;

use outcome::Dinner;
use pace::Pace;
use rule::{Rule, Step};

/// Where locks, channels and threads come from. Every file of which something is proven takes them from here and from nowhere
/// else: a proof puts a checker's in their place (`examples/prove_table.rs`), and compiles the same files.
pub mod sync {
    pub use crossbeam::channel;
    pub use std::{sync::*, thread};
}

/// How the forks are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// First the left fork, then the right: all of them, until each has one and waits for the other
    Naive,
    /// First the fork with the lower number: then no circle can close
    Ordered,
    /// A waiter lets all but one sit down
    Waiter,
    /// If the second fork is taken, the first one is put back, and tried again later
    #[value(alias = "try_lock")]
    TryLock,
    /// Both forks or none, under one lock for the whole table
    Monitor,
    /// Forks are sent as messages: a dirty one is cleaned and given to whoever asks, a clean one is kept
    #[value(alias = "chandy_misra")]
    ChandyMisra,
}

impl Strategy {
    /// Seats them, and waits until all have left the table.
    ///
    /// # Errors
    /// If a thread can't be started, or panics.
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<Dinner> {
        match self {
            Self::Naive => naive::run(job, timeline),
            Self::Ordered => ordered::run(job, timeline),
            Self::Waiter => waiter::run(job, timeline),
            Self::TryLock => try_lock::run(job, timeline),
            Self::Monitor => monitor::run(job, timeline),
            Self::ChandyMisra => chandy_misra::run(job, timeline),
        }
    }

    /// The same rule as a small model, of which all states can be looked at.
    pub fn model(self) -> Box<dyn Rule> {
        match self {
            Self::Naive => Box::new(naive::Model),
            Self::Ordered => Box::new(ordered::Model),
            Self::Waiter => Box::new(waiter::Model),
            Self::TryLock => Box::new(try_lock::Model),
            Self::Monitor => Box::new(monitor::Model),
            Self::ChandyMisra => Box::new(chandy_misra::Model),
        }
    }

    /// The name that it has everywhere: on the command line, in the table, on the timeline.
    pub fn name(self) -> String {
        let value = self.to_possible_value().expect("no strategy is hidden");
        value.get_name().to_owned()
    }
}

/// What is to be done. Cloning it is cheap.
#[derive(Clone)]
pub struct Job {
    /// How many philosophers, and as many forks: two at least.
    pub seats: usize,
    /// How long each thinks and eats, and how often.
    pub pace: Pace,
    /// `naive` only: nobody takes a second fork before all have their first. So it deadlocks, and not by bad luck.
    pub certain: bool,
    /// `try-lock` only: who had to put a fork back waits for a random time before the next attempt.
    pub back_off: bool,
    /// Eats by keeping a core busy, not by sleeping: for the benches.
    pub busy: bool,
    /// If nobody has moved for so long, the dinner is given up; `None` waits for ever.
    pub patience: Option<Duration>,
    /// Sees who holds and wants what, where there are locks to be seen.
    pub watch: Option<Watch>,
    /// A lane a fork: solid while somebody eats with it, hatched while it is only held.
    pub forks: Timeline,
    /// Once true, nobody begins another meal.
    pub stop: Arc<AtomicBool>,
    /// Hears each step when it is done: under a checker in the order in which they happen, and with real threads of two at the same
    /// time either may be told first.
    pub tell: Option<Tell>,
}

/// Where the story goes: who, by number, and what.
pub type Tell = Arc<dyn Fn(usize, Step) + Send + Sync>;

impl Job {
    /// So many philosophers, in earnest: watched, but with nothing recorded.
    pub fn new(seats: usize, pace: Pace) -> Self {
        Self {
            seats,
            pace,
            certain: true,
            back_off: true,
            busy: false,
            patience: Some(Duration::from_secs(5)),
            watch: Some(Watch::default()),
            forks: Timeline::off(),
            stop: Arc::default(),
            tell: None,
        }
    }
}

/// The first few have names.
pub fn name(seat: usize) -> String {
    let names = [
        "Aristotle",
        "Plato",
        "Hypatia",
        "Confucius",
        "Avicenna",
        "Hildegard",
        "Spinoza",
        "Kant",
    ];
    match names.get(seat) {
        Some(name) => (*name).to_owned(),
        None => format!("guest {seat}"),
    }
}
