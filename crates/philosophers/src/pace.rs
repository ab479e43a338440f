//! How long the philosophers think and eat, and how often.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// Asked before each meal: by which seat, and how many meals it has had. `None` is to leave the table.
pub type Pace = Arc<dyn Fn(usize, u64) -> Option<Pause> + Send + Sync>;

/// One round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pause {
    /// How long it thinks before it is hungry.
    pub think: Duration,
    /// How long it then eats.
    pub eat: Duration,
}

/// Until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// So many meals for each.
    Meals(u64),
    /// Nobody begins another round after that.
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

/// The same for everybody: always exactly so long.
pub fn steady(pause: Pause, until: Until) -> Pace {
    Arc::new(move |_, meals| (!until.is_over(meals)).then_some(pause))
}

/// From nothing to twice as long, at random; the same for the same seed, seat and meal.
pub fn random(mean: Pause, until: Until, seed: u64) -> Pace {
    Arc::new(move |seat, meals| {
        if until.is_over(meals) {
            return None;
        }
        // Mixed, so that neighbours do not draw alike.
        let mixed = (seat as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut chance =
            fastrand::Rng::with_seed(seed ^ mixed ^ meals.wrapping_mul(0xd1b5_4a32_d192_ed03));
        Some(Pause {
            think: mean.think.mul_f64(2.0 * chance.f64()),
            eat: mean.eat.mul_f64(2.0 * chance.f64()),
        })
    })
}
