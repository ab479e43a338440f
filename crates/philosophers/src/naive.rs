//! First the left fork, then the right. If all hold their left fork, each waits for the next one,
//! and nobody ever eats.

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Locks, Rule, Step, TwoLocks, two_locks};
use crate::sync::Arc;
use crate::{Job, dine, fork};

/// Seats the philosophers. It needs bad luck to deadlock, unless the job makes it certain.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let forks = fork::lay(job);
    dine::dine(job, timeline, |_| {
        let forks = Arc::clone(&forks);
        move |seat| {
            // ANCHOR: rule
            let (first, second) = (seat.left(), seat.right());
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
        two_locks(state, seat, (left, right))
    }
}
