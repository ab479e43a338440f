//! What everybody at the table can see. These are plain `std` locks and atomics under a checker,
//! too: they only observe (see [`crate::sync`]).

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::outcome::Plate;

/// The table, shared by all seats and by the thread that waits for them.
#[derive(Debug)]
pub(crate) struct Table {
    /// Who eats with each fork; 0 is nobody, 1 is seat 0 and so on.
    pub(crate) eaters: Vec<AtomicUsize>,
    /// Nobody is to begin another meal.
    pub(crate) over: AtomicBool,
    /// Who waits for forks, by seat.
    pub(crate) hungry: Vec<AtomicBool>,
    /// Who panicked first.
    pub(crate) panicked: Mutex<Option<usize>>,
    /// How many steps were done: while it stays the same, nothing moves.
    pub(crate) moves: AtomicU64,
    /// Who held and awaited what when the dinner could not go on.
    pub(crate) standstill: Mutex<Vec<String>>,
    /// What each has had so far, by seat.
    pub(crate) plates: Mutex<Vec<Plate>>,
}

impl Table {
    /// A table at which nobody eats yet.
    pub(crate) fn new(seats: usize) -> Self {
        Self {
            eaters: (0..seats).map(|_| AtomicUsize::new(0)).collect(),
            over: AtomicBool::new(false),
            hungry: (0..seats).map(|_| AtomicBool::new(false)).collect(),
            panicked: Mutex::default(),
            moves: AtomicU64::new(0),
            standstill: Mutex::default(),
            plates: Mutex::new(vec![Plate::default(); seats]),
        }
    }
}

/// Takes one of the table's locks. A philosopher's panic leaves what they protect whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
