//! Nobody waits with a fork in hand: if the second fork is taken, the first one is put back. So
//! there is no deadlock. But all can take, look and put back in step, for ever, and nobody eats: a
//! *livelock*. A random back-off before the next attempt breaks that step: not for certain, but
//! soon. It does not bring everybody a meal soon: a philosopher may still starve.

use std::time::Duration;

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Locks, Rule, Step};
use crate::sync::{Arc, thread};
use crate::{Job, dine, fork};

/// The longest back-off before the second attempt. It doubles with each failure, up to a hundred
/// times this long.
const BACK_OFF: Duration = Duration::from_micros(50);

/// Seats the philosophers.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    with_back_off(Some(BACK_OFF), job, timeline)
}

/// Seats the philosophers with another longest back-off before the second attempt; `None` tries
/// again at once.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn with_back_off(longest: Option<Duration>, job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let forks = fork::lay(job);
    dine::dine(job, timeline, |number| {
        let forks = Arc::clone(&forks);
        let mut chance = fastrand::Rng::with_seed(number as u64);
        move |seat| {
            while seat.think() {
                let mut back_off = longest;
                loop {
                    if let Some(_left) = forks[seat.left()].try_take(seat)
                        && let Some(_right) = forks[seat.right()].try_take(seat)
                    {
                        seat.eat();
                        break;
                    }
                    seat.holds_nothing();
                    if seat.is_over() {
                        return Ok(());
                    }
                    match &mut back_off {
                        Some(longest) => {
                            seat.sleep(longest.mul_f64(chance.f64()));
                            *longest = (2 * *longest).min(100 * BACK_OFF);
                        }
                        None => thread::yield_now(),
                    }
                }
            }
            Ok(())
        }
    })
}

/// The rule as a model, without the back-off.
pub struct Model;

/// How far a seat is in its round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// It holds nothing.
    Hungry,
    /// It holds the left fork.
    HasLeft,
    /// It holds both forks, and has not eaten.
    HasBoth,
    /// It holds both forks, and has eaten.
    HasEaten,
    /// It holds the left fork, and will put it back.
    GivesUp,
}

impl Rule for Model {
    type State = Locks<Place>;

    fn start(&self, seats: usize) -> Self::State {
        Locks::new(seats, Place::Hungry)
    }

    fn next(&self, state: &Self::State, seat: usize) -> Option<(Step, Self::State)> {
        let (left, right) = state.forks(seat);
        Some(match state.places[seat] {
            Place::Hungry => match state.take(seat, left) {
                Some(taken) => (Step::Takes(left), taken.at(seat, Place::HasLeft)),
                None => (Step::Finds(left), state.clone()),
            },
            Place::HasLeft => match state.take(seat, right) {
                Some(taken) => (Step::Takes(right), taken.at(seat, Place::HasBoth)),
                None => (Step::Finds(right), state.at(seat, Place::GivesUp)),
            },
            Place::HasBoth => (Step::Eats, state.at(seat, Place::HasEaten)),
            Place::HasEaten => (Step::Puts(right), state.put(right).at(seat, Place::GivesUp)),
            Place::GivesUp => (Step::Puts(left), state.put(left).at(seat, Place::Hungry)),
        })
    }
}
