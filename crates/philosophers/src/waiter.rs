//! Left, then right, as the naive ones; but a waiter lets only all but one sit down. So one fork is always free for somebody who
//! holds the other one. A counter that lets so many in is a *semaphore*.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Rule, State, Step};
use crate::seat::Seat;
use crate::sync::{Arc, Condvar, Mutex, PoisonError};
use crate::{Job, dine, fork};

/// Seats them, one fewer at a time than there are.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    with_chairs(job.seats - 1, job, timeline)
}

/// The same, with any number of chairs.
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
                // In a block of its own: the forks are back before it gets up, even if it takes only one.
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

impl Rule for Model {
    fn next(&self, state: &State, seat: usize) -> Option<(Step, State)> {
        let count = state.seats.len();
        let right = (seat + 1) % count;
        Some(match state.seats[seat] {
            0 => {
                let seated = state.seats.iter().filter(|place| **place > 0).count();
                (seated + 1 < count).then(|| (Step::Sits, state.at(seat, 1)))?
            }
            1 => (Step::Takes(seat), state.take(seat, seat)?.at(seat, 2)),
            2 => (Step::Takes(right), state.take(seat, right)?.at(seat, 3)),
            3 => (Step::Eats, state.at(seat, 4)),
            4 => (Step::Puts(right), state.put(right).at(seat, 5)),
            5 => (Step::Puts(seat), state.put(seat).at(seat, 6)),
            _ => (Step::Rises, state.at(seat, 0)),
        })
    }
}
