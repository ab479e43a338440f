//! First the left fork, then the right. If all have their left one, each waits for the next, and nobody ever eats.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Rule, State, Step};
use crate::sync::{Arc, Barrier};
use crate::{Job, dine, fork};

/// Seats them. With `job.certain` each takes a left fork before anybody asks for a right one.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let forks = fork::lay(job);
    let barrier = job.certain.then(|| Arc::new(Barrier::new(job.seats)));
    dine::dine(job, timeline, |_| {
        let (forks, mut barrier) = (Arc::clone(&forks), barrier.clone());
        move |seat| {
            // ANCHOR: rule
            while seat.think() {
                let left = forks[seat.left()].take(seat);
                if let Some(barrier) = barrier.take() {
                    barrier.wait();
                }
                let _left = left?;
                let _right = forks[seat.right()].take(seat)?;
                seat.eat();
            }
            // ANCHOR_END: rule
            // Who leaves before its first meal must not be waited for.
            if let Some(barrier) = barrier {
                barrier.wait();
            }
            Ok(())
        }
    })
}

/// The rule as a model.
pub struct Model;

impl Rule for Model {
    fn next(&self, state: &State, seat: usize) -> Option<(Step, State)> {
        two_locks(state, seat, seat, (seat + 1) % state.seats.len())
    }
}

/// One fork, the other fork, eat, and both back.
pub fn two_locks(state: &State, seat: usize, first: usize, second: usize) -> Option<(Step, State)> {
    Some(match state.seats[seat] {
        0 => (Step::Takes(first), state.take(seat, first)?.at(seat, 1)),
        1 => (Step::Takes(second), state.take(seat, second)?.at(seat, 2)),
        2 => (Step::Eats, state.at(seat, 3)),
        // The fork that was taken last is put back first, as Rust drops what it holds.
        3 => (Step::Puts(second), state.put(second).at(seat, 4)),
        _ => (Step::Puts(first), state.put(first).at(seat, 0)),
    })
}
