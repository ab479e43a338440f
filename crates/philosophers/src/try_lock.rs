//! Nobody waits with a fork in hand: if the second one is taken, the first is put back. No deadlock then, but all can take, look and put
//! back in step, for ever, and none eats: a *livelock*. A random wait before the next attempt breaks the step, not for certain, but
//! soon.

use std::time::Duration;

use anyhow::Result;
use timing::Timeline;

use crate::outcome::Dinner;
use crate::rule::{Rule, State, Step};
use crate::sync::{Arc, thread};
use crate::{Job, dine, fork};

/// The longest wait before the second attempt. It doubles with each failure, up to a hundred times as long.
const BACK_OFF: Duration = Duration::from_micros(50);

/// Seats them. Without `job.back_off` they try again at once.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Dinner> {
    let forks = fork::lay(job);
    let back_off = job.back_off;
    dine::dine(job, timeline, |number| {
        let forks = Arc::clone(&forks);
        let mut chance = fastrand::Rng::with_seed(number as u64);
        move |seat| {
            while seat.think() {
                let mut longest = BACK_OFF;
                loop {
                    if let Some(_left) = forks[seat.left()].try_take(seat)
                        && let Some(_right) = forks[seat.right()].try_take(seat)
                    {
                        seat.eat();
                        break;
                    }
                    seat.gives_up();
                    if seat.is_over() {
                        return Ok(());
                    }
                    if back_off {
                        seat.sleep(longest.mul_f64(chance.f64()));
                        longest = (2 * longest).min(100 * BACK_OFF);
                    } else {
                        thread::yield_now();
                    }
                }
            }
            Ok(())
        }
    })
}

/// The rule as a model, without the random wait.
pub struct Model;

impl Rule for Model {
    fn next(&self, state: &State, seat: usize) -> Option<(Step, State)> {
        let right = (seat + 1) % state.seats.len();
        Some(match state.seats[seat] {
            0 => match state.take(seat, seat) {
                Some(taken) => (Step::Takes(seat), taken.at(seat, 1)),
                None => (Step::Finds(seat), state.clone()),
            },
            1 => match state.take(seat, right) {
                Some(taken) => (Step::Takes(right), taken.at(seat, 2)),
                None => (Step::Finds(right), state.at(seat, 4)),
            },
            2 => (Step::Eats, state.at(seat, 3)),
            3 => (Step::Puts(right), state.put(right).at(seat, 4)),
            _ => (Step::Puts(seat), state.put(seat).at(seat, 0)),
        })
    }
}
