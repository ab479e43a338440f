//! How long the philosophers think and eat, and how often.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// A seat's next round, given the seat and how many meals it has had. `None`: leave the table.
pub type Pace = Arc<dyn Fn(usize, u64) -> Option<Round> + Send + Sync>;

/// One round of a philosopher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    /// How long it thinks before it is hungry.
    pub think: Duration,
    /// How long it then eats.
    pub eat: Duration,
    /// It eats by keeping a core busy instead of sleeping: for the benches.
    pub busy: bool,
}

/// When a philosopher leaves the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// After this many meals.
    Meals(u64),
    /// At this time: nobody begins another round after it.
    Time(Instant),
}

impl Until {
    fn is_over(self, meals: u64) -> bool {
        match self {
            Self::Meals(most) => meals >= most,
            Self::Time(end) => Instant::now() >= end,
        }
    }
}

/// One round for everybody, again and again.
pub fn steady(round: Round, until: Until) -> Pace {
    Arc::new(move |_, meals| (!until.is_over(meals)).then_some(round))
}

/// Random times, from nothing to twice the mean. They depend only on the seed, the seat and the
/// meal.
pub fn random(mean: Round, until: Until, seed: u64) -> Pace {
    Arc::new(move |seat, meals| {
        if until.is_over(meals) {
            return None;
        }
        // Mixed, so that neighbours do not get similar times.
        let mixed = (seat as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut chance =
            fastrand::Rng::with_seed(seed ^ mixed ^ meals.wrapping_mul(0xd1b5_4a32_d192_ed03));
        Some(Round {
            think: mean.think.mul_f64(2.0 * chance.f64()),
            eat: mean.eat.mul_f64(2.0 * chance.f64()),
            ..mean
        })
    })
}
