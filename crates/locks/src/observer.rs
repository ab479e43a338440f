//! What an update does besides counting, so that there is something to see: it pauses between
//! reading and writing, tells what it does, and labels its bar on the timeline.
//!
//! Every update is compiled twice, once for each [`Observer`]. [`Unobserved`] has no size and does
//! nothing, so that a counter that nobody observes costs what its lock or its atomic costs.

use std::borrow::Cow;
use std::hint;
use std::time::Duration;

use crate::sync::thread;
use crate::{Job, Tell};

/// Observes the updates of one thread, and delays them.
pub trait Observer {
    /// Called between reading and writing: the other threads get time to interfere.
    fn pause(&mut self);

    /// The label of an update's bar, if the update begins with this value.
    fn label(&self, value: u64) -> Cow<'static, str>;

    /// Tells that the thread `reads` or `writes` a value.
    fn tell(&self, does: &str, value: u64);
}

/// The observer of a thread that only counts.
#[derive(Debug)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn pause(&mut self) {}

    fn label(&self, _: u64) -> Cow<'static, str> {
        "".into()
    }

    fn tell(&self, _: &str, _: u64) {}
}

/// The observer of a thread that pauses, tells what it does, or is drawn.
pub struct Observed {
    thread: usize,
    tick: Duration,
    spin: u32,
    random: fastrand::Rng,
    tell: Option<Tell>,
    is_drawn: bool,
}

impl Observed {
    /// The observer of this thread; `None` if the job has nothing to observe.
    pub fn new(job: &Job, thread: usize, is_drawn: bool) -> Option<Self> {
        let pauses = !job.tick.is_zero() || job.spin > 0;
        (pauses || job.tell.is_some() || is_drawn).then(|| Self {
            thread,
            tick: job.tick,
            spin: job.spin,
            random: random(job.seed, thread),
            tell: job.tell.clone(),
            is_drawn,
        })
    }
}

/// The random numbers of one thread. The bits of its number are mixed: with `seed + thread`, the
/// next seed would give each thread the pauses that its neighbour had.
fn random(seed: u64, thread: usize) -> fastrand::Rng {
    fastrand::Rng::with_seed(seed ^ (thread as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

impl Observer for Observed {
    fn pause(&mut self) {
        if !self.tick.is_zero() && self.random.bool() {
            thread::sleep(self.tick);
        }
        for _ in 0..self.spin {
            hint::spin_loop();
        }
    }

    fn label(&self, value: u64) -> Cow<'static, str> {
        match self.is_drawn {
            true => format!("{value} to {}", value + 1).into(),
            false => "".into(),
        }
    }

    fn tell(&self, does: &str, value: u64) {
        if let Some(tell) = &self.tell {
            tell(format!("thread {} {does} {value}", self.thread));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::Arc;

    #[test]
    fn who_has_something_to_do_is_observed() {
        let nothing = Job {
            threads: 1,
            updates: 1,
            tick: Duration::ZERO,
            seed: 0,
            spin: 0,
            shards: 1,
            tell: None,
        };
        let is_observed = |job: &Job, drawn| Observed::new(job, 0, drawn).is_some();
        let (mut ticks, mut spins, mut tells) = (nothing.clone(), nothing.clone(), nothing.clone());
        ticks.tick = Duration::from_nanos(1);
        spins.spin = 1;
        tells.tell = Some(Arc::new(|_| ()));
        assert!(!is_observed(&nothing, false) && is_observed(&nothing, true));
        assert!(
            [ticks, spins, tells]
                .iter()
                .all(|job| is_observed(job, false))
        );
    }

    fn pauses(seed: u64) -> Vec<bool> {
        (0..20).map(|thread| random(seed, thread).bool()).collect()
    }

    #[test]
    fn a_seed_repeats_its_pauses_and_another_has_others() {
        for seed in 0..50 {
            assert_eq!(pauses(seed), pauses(seed));
            assert_ne!(pauses(seed)[1..], pauses(seed + 1)[..19]);
            assert_ne!(pauses(seed), pauses(seed + 1));
        }
    }
}
