//! What came of a dinner: meals, waits, and how it ended.

use std::time::Duration;

use timing::watch::Circle;

/// Why a philosopher left the table before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its wait would have closed a cycle in the wait-for graph.
    Deadlock(Circle),
    /// Somebody else has ended the dinner.
    Over,
}

/// What one philosopher had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plate {
    /// How many meals.
    pub meals: u64,
    /// The longest time from being hungry to eating, or to the end if it never came to that.
    pub longest_wait: Duration,
}

/// What all philosophers had.
#[derive(Debug, Clone, Default)]
pub struct Dinner {
    /// By seat.
    pub plates: Vec<Plate>,
    /// The cycle in the wait-for graph, if it ended in a deadlock.
    pub deadlock: Option<Circle>,
    /// Who held and awaited what at the moment of the deadlock, or when nothing had moved for too
    /// long. Empty if all went well.
    pub standstill: Vec<String>,
}

impl Dinner {
    /// The meals of all philosophers together.
    pub fn meals(&self) -> u64 {
        self.plates.iter().map(|plate| plate.meals).sum()
    }

    /// The longest wait of any philosopher.
    pub fn longest_wait(&self) -> Duration {
        let waits = self.plates.iter().map(|plate| plate.longest_wait);
        waits.max().unwrap_or_default()
    }

    /// How evenly the meals were shared, from 1 (all had the same) down to 1/n (one had
    /// everything); `None` if there were none.
    ///
    /// Jain's index: the square of the sum over n times the sum of the squares (Jain, Chiu and
    /// Hawe, "A quantitative measure of fairness and discrimination for resource allocation in
    /// shared computer systems", DEC-TR-301, 1984).
    pub fn fairness(&self) -> Option<f64> {
        let meals = || self.plates.iter().map(|plate| plate.meals as f64);
        let (sum, squares) = (meals().sum::<f64>(), meals().map(|m| m * m).sum::<f64>());
        (squares > 0.0).then(|| sum * sum / (self.plates.len() as f64 * squares))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dinner(meals: &[u64]) -> Dinner {
        let plate = |&meals| Plate {
            meals,
            longest_wait: Duration::from_millis(meals),
        };
        Dinner {
            plates: meals.iter().map(plate).collect(),
            ..Dinner::default()
        }
    }

    #[test]
    fn fairness_is_one_for_equals_and_a_part_of_n_for_one_who_has_it_all() {
        assert_eq!(dinner(&[3, 3, 3, 3]).fairness(), Some(1.0));
        assert_eq!(dinner(&[8, 0, 0, 0]).fairness(), Some(0.25));
        assert_eq!(dinner(&[0, 0]).fairness(), None);
        let some = dinner(&[1, 2, 3]);
        assert_eq!(some.fairness(), Some(36.0 / 42.0));
        assert_eq!(
            (some.meals(), some.longest_wait()),
            (6, Duration::from_millis(3))
        );
    }
}
