//! A dinner in words: lines for the user, and a row for the table that compares the rules.

use std::time::Duration;

use timing::{table, units};

use crate::outcome::Dinner;

/// Who stood in the way of whom, a line each; nothing, if all went well.
pub fn standstill(dinner: &Dinner) -> String {
    let mut text = String::new();
    for line in dinner.standstill.iter().take(10) {
        text += &format!("{line}\n");
    }
    if let Some(more) = dinner.standstill.len().checked_sub(11) {
        text += &format!("... and {} more\n", more + 1);
    }
    if let Some(cycle) = &dinner.deadlock {
        match cycle.links().len() {
            ..=10 => text += &format!("deadlock: {}\n", cycle.names()),
            many => text += &format!("deadlock: a circle of {many}\n"),
        }
    }
    text
}

/// The outcome in words that fit into a cell.
pub fn outcome(dinner: &Dinner) -> String {
    if let Some(cycle) = &dinner.deadlock {
        return format!("deadlock of {}", cycle.links().len());
    }
    let hungry = dinner
        .plates
        .iter()
        .filter(|plate| plate.meals == 0)
        .count();
    match (dinner.standstill.is_empty(), hungry) {
        (false, _) => "standstill".to_owned(),
        (true, 0) => "all ate".to_owned(),
        (true, some) => format!("{some} had nothing"),
    }
}

/// The table that compares the rules by their meals: a row for each dinner.
#[derive(Debug, Default)]
pub struct Meals(Vec<Vec<String>>);

impl Meals {
    /// Adds the row of a dinner that took this long.
    pub fn add(&mut self, rule: &str, dinner: &Dinner, wall: Duration) {
        let a_second = dinner.meals() as f64 / wall.as_secs_f64().max(1e-9);
        self.0.push(vec![
            rule.to_owned(),
            dinner.meals().to_string(),
            format!("{a_second:.0}"),
            units::duration(dinner.longest_wait()),
            units::or_dash(dinner.fairness(), |index| format!("{index:.2}")),
            outcome(dinner),
        ]);
    }

    /// The table as text.
    pub fn draw(&self) -> String {
        let head = [
            "strategy",
            "meals",
            "a second",
            "longest wait",
            "fairness",
            "outcome",
        ];
        table::draw(&head, &["strategy", "outcome"], &self.0)
    }
}
