//! The forks have numbers, and everyone takes the lower one first. All but the last find it on their left; the last one reaches to
//! the right first, and so the circle can't close: whoever has the highest fork of all that are held lacks none.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Rule, State, Step};
use crate::sync::Arc;
use crate::{Job, dine, fork, naive};

/// Seats them.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let forks = fork::lay(job);
    dine::dine(job, timeline, |_| {
        let forks = Arc::clone(&forks);
        move |seat| {
            // ANCHOR: rule
            let lower = seat.left().min(seat.right());
            let higher = seat.left().max(seat.right());
            while seat.think() {
                let _first = forks[lower].take(seat)?;
                let _second = forks[higher].take(seat)?;
                seat.eat();
            }
            // ANCHOR_END: rule
            Ok(())
        }
    })
}

/// The rule as a model.
pub struct Model;

impl Rule for Model {
    fn next(&self, state: &State, seat: usize) -> Option<(Step, State)> {
        let right = (seat + 1) % state.seats.len();
        naive::two_locks(state, seat, seat.min(right), seat.max(right))
    }
}
