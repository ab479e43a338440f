//! The results of many pings, in a few lines.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use timing::units;

use crate::Pong;
use crate::failure::Kind;

/// What became of the pings of one strategy.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Answers by the first digit of their status: 1 to 5, and 6 to 9, which have no meaning.
    classes: BTreeMap<u16, usize>,
    failures: BTreeMap<Kind, usize>,
    /// Of the pings that were answered, sorted.
    latencies: Vec<Duration>,
}

impl Summary {
    /// Sums up these pings.
    pub fn of(pongs: &[Pong]) -> Self {
        let mut summary = Self::default();
        for pong in pongs {
            match &pong.result {
                Ok(answer) => {
                    *summary.classes.entry(answer.status / 100).or_default() += 1;
                    summary.latencies.push(pong.latency);
                }
                Err(failure) => *summary.failures.entry(failure.kind).or_default() += 1,
            }
        }
        summary.latencies.sort_unstable();
        summary
    }

    /// The number of pings that were answered, with any status.
    pub fn answered(&self) -> usize {
        self.latencies.len()
    }

    /// The number of pings that were not answered.
    pub fn failed(&self) -> usize {
        self.failures.values().sum()
    }

    /// The latency that `percent` of the answered pings did not exceed, by the nearest rank: so it
    /// is a latency that was measured. `None` if there was no answer.
    pub fn percentile(&self, percent: usize) -> Option<Duration> {
        let rank = (self.latencies.len() * percent).div_ceil(100).max(1);
        self.latencies.get(rank - 1).copied()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.answered() + self.failed();
        write!(f, "{} of {all} answered", self.answered())?;
        if let (Some(&least), Some(&most)) = (self.latencies.first(), self.latencies.last()) {
            let [median, p95] = [50, 95].map(|p| self.percentile(p).unwrap_or(most));
            let [least, median, p95, most] = [least, median, p95, most].map(units::duration);
            write!(f, ": min {least}, median {median}, p95 {p95}, max {most}")?;
        }
        writeln!(f)?;
        for (class, count) in &self.classes {
            writeln!(f, "{count:>6} x {class}xx {}", meaning(*class))?;
        }
        for (kind, count) in &self.failures {
            writeln!(f, "{count:>6} x {kind}")?;
        }
        Ok(())
    }
}

/// The meaning of the first digit of a status (RFC 9110, section 15).
fn meaning(class: u16) -> &'static str {
    match class {
        1 => "informational: the request was received, and something is going on",
        2 => "successful: the request was received, understood and accepted",
        3 => "redirection: something more must be done to complete the request",
        4 => "client error: the request is wrong, or can't be fulfilled",
        5 => "server error: the request may be right, and the server failed",
        _ => "no class that the standard knows",
    }
}
