//! Both forks or none. One lock for the whole table, held only to look and to note; who can't have both waits to be called when
//! somebody puts forks back. (A lock, what it protects, and a way to wait for it to change: a *monitor*.)
//!
//! It can't deadlock, as nobody holds one fork while waiting for another. But two neighbours who eat in turns can starve the one
//! between: nobody keeps a fork for those who wait.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Rule, State, Step};
use crate::seat::Seat;
use crate::sync::{Arc, Condvar, Mutex, PoisonError};
use crate::{Job, dine};

/// Seats them.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let table = Arc::new(Table {
        taken: Mutex::new(vec![false; job.seats]),
        changed: Condvar::new(),
    });
    dine::dine(job, timeline, |_| {
        let table = Arc::clone(&table);
        move |seat| {
            while seat.think() {
                table.take_both(seat);
                seat.eat();
                table.put_both(seat);
            }
            Ok(())
        }
    })
}

struct Table {
    taken: Mutex<Vec<bool>>,
    changed: Condvar,
}

impl Table {
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
        // All: it may be either neighbour that can eat now, and both.
        self.changed.notify_all();
    }
}

/// The rule as a model.
pub struct Model;

impl Rule for Model {
    fn next(&self, state: &State, seat: usize) -> Option<(Step, State)> {
        let right = (seat + 1) % state.seats.len();
        Some(match state.seats[seat] {
            0 => {
                let both = state.take(seat, seat)?.take(seat, right)?;
                (Step::TakesBoth, both.at(seat, 1))
            }
            1 => (Step::Eats, state.at(seat, 2)),
            _ => (Step::PutsBoth, state.put(seat).put(right).at(seat, 0)),
        })
    }
}
