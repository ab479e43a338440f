//! The forks have numbers, and everybody takes the lower one first. For all but the last
//! philosopher that is the left fork; the last one takes the right fork first. There can be no
//! circular wait: along a cycle each would wait for a higher fork than the one it holds, all the
//! way around.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Locks, Rule, Step, TwoLocks, two_locks};
use crate::sync::Arc;
use crate::{Job, dine, fork};

/// Seats the philosophers.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let forks = fork::lay(job);
    dine::dine(job, timeline, |_| {
        let forks = Arc::clone(&forks);
        move |seat| {
            // ANCHOR: rule
            let first = seat.left().min(seat.right());
            let second = seat.left().max(seat.right());
            while seat.think() {
                let _first = forks[first].take(seat)?;
                let _second = forks[second].take(seat)?;
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
    type State = Locks<TwoLocks>;

    fn start(&self, seats: usize) -> Self::State {
        Locks::new(seats, TwoLocks::Hungry)
    }

    fn next(&self, state: &Self::State, seat: usize) -> Option<(Step, Self::State)> {
        let (left, right) = state.forks(seat);
        two_locks(state, seat, (left.min(right), left.max(right)))
    }
}
