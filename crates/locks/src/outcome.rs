//! What the table says of a count.

use crate::{Counted, Strategy};

/// What came of a count, in words, and what is wrong with it, if something is. Only `race` may lose
/// updates.
pub fn outcome(strategy: Strategy, counted: &Counted, expected: u64) -> (String, Option<String>) {
    let lost = expected.saturating_sub(counted.value);
    let wrong = if counted.value > expected {
        Some(format!(
            "{} updates were counted twice",
            counted.value - expected
        ))
    } else if lost > 0 && strategy != Strategy::Race {
        Some(format!(
            "{lost} updates were lost, and none should have been"
        ))
    } else {
        None
    };
    let lost = match lost {
        0 => "none lost".to_owned(),
        _ => format!("{lost} of {expected} lost"),
    };
    let text = match counted.retries {
        Some(retries) => format!("{lost}, {retries} retries"),
        None => lost,
    };
    (text, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_update_is_a_fault_of_every_strategy_but_race() {
        for strategy in [Strategy::Race, Strategy::Mutex, Strategy::Cas] {
            let judged = |value| outcome(strategy, &Counted::from(value), 20);
            assert_eq!(judged(20), ("none lost".to_owned(), None));
            let (text, wrong) = judged(18);
            assert_eq!(text, "2 of 20 lost");
            assert_eq!(wrong.is_some(), strategy != Strategy::Race);
            assert!(judged(21).1.is_some());
        }
        let counted = Counted {
            value: 20,
            retries: Some(3),
        };
        let (text, _) = outcome(Strategy::Cas, &counted, 20);
        assert_eq!(text, "none lost, 3 retries");
    }
}
