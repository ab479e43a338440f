//! Left, then right, as by `naive`; but a waiter lets all but one sit down at a time. The
//! philosopher beside the empty seat shares one fork with nobody, so there is no circular wait. A
//! counter that lets a limited number in is a *semaphore*.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Locks, Rule, Step};
use crate::seat::Seat;
use crate::sync::{Arc, Condvar, Mutex, PoisonError};
use crate::{Job, dine, fork};

/// Seats the philosophers, all but one at a time.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    with_chairs(job.seats - 1, job, timeline)
}

/// Seats the philosophers, with any number of chairs.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn with_chairs(chairs: usize, job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let forks = fork::lay(job);
    let waiter = Arc::new(Waiter {
        free: Mutex::new(chairs),
        risen: Condvar::new(),
    });
    dine::dine(job, timeline, |_| {
        let (forks, waiter) = (Arc::clone(&forks), Arc::clone(&waiter));
        move |seat| {
            while seat.think() {
                waiter.sit(seat);
                // In a block of its own: the forks are back before the philosopher gets up, even
                // if it got only one.
                let eaten = {
                    let left = forks[seat.left()].take(seat);
                    left.and_then(|_left| {
                        let _right = forks[seat.right()].take(seat)?;
                        seat.eat();
                        Ok(())
                    })
                };
                waiter.rise(seat);
                eaten?;
            }
            Ok(())
        }
    })
}

struct Waiter {
    free: Mutex<usize>,
    risen: Condvar,
}

impl Waiter {
    fn sit(&self, seat: &Seat) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self
                .risen
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        seat.tell(Step::Sits);
    }

    fn rise(&self, seat: &Seat) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        seat.tell(Step::Rises);
        self.risen.notify_one();
    }
}

/// The rule as a model.
pub struct Model;

/// How far a seat is in its round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// It stands, and holds nothing.
    Hungry,
    /// It sits, and holds nothing.
    Sits,
    /// It holds the left fork.
    HasLeft,
    /// It holds both forks, and has not eaten.
    HasBoth,
    /// It holds both forks, and has eaten.
    HasEaten,
    /// It has put back the right fork, and holds the left.
    PutRight,
    /// It has put back both, and still sits.
    PutBoth,
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
                let sitting = state.places.iter().filter(|place| **place != Place::Hungry);
                let is_free = sitting.count() + 1 < state.places.len();
                is_free.then(|| (Step::Sits, state.at(seat, Place::Sits)))?
            }
            Place::Sits => (
                Step::Takes(left),
                state.take(seat, left)?.at(seat, Place::HasLeft),
            ),
            Place::HasLeft => (
                Step::Takes(right),
                state.take(seat, right)?.at(seat, Place::HasBoth),
            ),
            Place::HasBoth => (Step::Eats, state.at(seat, Place::HasEaten)),
            Place::HasEaten => (
                Step::Puts(right),
                state.put(right).at(seat, Place::PutRight),
            ),
            Place::PutRight => (Step::Puts(left), state.put(left).at(seat, Place::PutBoth)),
            Place::PutBoth => (Step::Rises, state.at(seat, Place::Hungry)),
        })
    }
}
