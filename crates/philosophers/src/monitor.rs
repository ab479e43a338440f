//! Both forks or none. One lock for the whole table is held only to look and to note. A philosopher
//! who can't have both forks waits for a neighbour to put forks back. (A lock, what it protects,
//! and a way to wait for a change: a *monitor*.)
//!
//! It can't deadlock: nobody holds one fork while waiting for another. But two philosophers who eat
//! in turns can starve the one between them: no fork is kept for those who wait.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Locks, Rule, Step};
use crate::seat::Seat;
use crate::sync::{Arc, Condvar, Mutex, PoisonError};
use crate::{Job, dine};

/// Seats the philosophers.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let monitor = Arc::new(Monitor {
        taken: Mutex::new(vec![false; job.seats]),
        changed: Condvar::new(),
    });
    dine::dine(job, timeline, |_| {
        let monitor = Arc::clone(&monitor);
        move |seat| {
            while seat.think() {
                monitor.take_both(seat);
                seat.eat();
                monitor.put_both(seat);
            }
            Ok(())
        }
    })
}

struct Monitor {
    taken: Mutex<Vec<bool>>,
    changed: Condvar,
}

impl Monitor {
    // ANCHOR: both
    fn take_both(&self, seat: &Seat) {
        let (left, right) = (seat.left(), seat.right());
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while taken[left] || taken[right] {
            taken = self
                .changed
                .wait(taken)
                .unwrap_or_else(PoisonError::into_inner);
        }
        (taken[left], taken[right]) = (true, true);
        seat.tell(Step::TakesBoth);
    }
    // ANCHOR_END: both

    fn put_both(&self, seat: &Seat) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        (taken[seat.left()], taken[seat.right()]) = (false, false);
        seat.tell(Step::PutsBoth);
        // Either neighbour may be able to eat now, or both: wake all.
        self.changed.notify_all();
    }
}

/// The rule as a model.
pub struct Model;

/// How far a seat is in its round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// It holds nothing.
    Hungry,
    /// It holds both forks, and has not eaten.
    HasBoth,
    /// It holds both forks, and has eaten.
    HasEaten,
}

impl Rule for Model {
    type State = Locks<Place>;

    fn start(&self, seats: usize) -> Self::State {
        Locks::new(seats, Place::Hungry)
    }

    fn next(&self, state: &Self::State, seat: usize) -> Option<(Step, Self::State)> {
        let (left, right) = state.forks(seat);
        Some(match state.places[seat] {
            Place::Hungry => {
                let both = state.take(seat, left)?.take(seat, right)?;
                (Step::TakesBoth, both.at(seat, Place::HasBoth))
            }
            Place::HasBoth => (Step::Eats, state.at(seat, Place::HasEaten)),
            Place::HasEaten => {
                let back = state.put(left).put(right);
                (Step::PutsBoth, back.at(seat, Place::Hungry))
            }
        })
    }
}
