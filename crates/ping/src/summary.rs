//! The results of many pings, in a few lines.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};
use timing::units;

use crate::failure::Kind;
use crate::{Pong, histogram};

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

    /// The latency that `percent` of the answered pings did not exceed. `None` if there was no
    /// answer.
    pub fn percentile(&self, percent: f64) -> Option<Duration> {
        histogram::percentile(&self.latencies, percent)
    }

    /// The percentiles and a histogram, as lines; empty if there was no answer.
    pub fn details(&self) -> String {
        let percentiles = PERCENTILES.iter().filter_map(|&percent| {
            let latency = units::duration(self.percentile(percent)?);
            Some(format!("{:>12} {latency}\n", format!("p{percent}")))
        });
        percentiles.collect::<String>() + &histogram::draw(&self.latencies)
    }

    /// The same for a program: latencies in seconds.
    pub fn to_json(&self) -> Value {
        let percentiles = PERCENTILES.iter().filter_map(|&percent| {
            let latency = self.percentile(percent)?.as_secs_f64();
            Some((format!("p{percent}"), latency.into()))
        });
        let bins = histogram::bins(&self.latencies);
        let bins = bins
            .iter()
            .map(|bin| json!({ "up_to": bin.edge.as_secs_f64(), "pings": bin.count }));
        let classes = self.classes.iter();
        let failures = self.failures.iter();
        json!({
            "answered": self.answered(),
            "failed": self.failed(),
            "classes": classes.map(|(class, count)| (format!("{class}xx"), (*count).into())).collect::<Map<_, _>>(),
            "failures": failures.map(|(kind, count)| (kind.to_string(), (*count).into())).collect::<Map<_, _>>(),
            "percentiles": percentiles.collect::<Map<_, _>>(),
            "histogram": bins.collect::<Vec<_>>(),
        })
    }
}

/// The percentiles that are told of many pings.
const PERCENTILES: [f64; 6] = [50.0, 90.0, 95.0, 99.0, 99.9, 100.0];

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.answered() + self.failed();
        write!(f, "{} of {all} answered", self.answered())?;
        if let (Some(&least), Some(&most)) = (self.latencies.first(), self.latencies.last()) {
            let [median, p95] = [50.0, 95.0].map(|p| self.percentile(p).unwrap_or(most));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Answer;
    use crate::failure::Failure;

    /// They end in any order, and a failure's time is no latency.
    #[test]
    fn latencies_are_those_of_the_answers_from_the_least_to_the_most() {
        let pong = |milliseconds, result| Pong {
            url: "http://h/".into(),
            result,
            latency: Duration::from_millis(milliseconds),
        };
        let answer = |milliseconds| {
            let answer = Answer {
                status: 200,
                reason: "OK".to_owned(),
                cut: false,
            };
            pong(milliseconds, Ok(answer))
        };
        // 100 latencies, of which every second number comes last.
        let mut pongs: Vec<_> = (1..=100).step_by(2).map(answer).collect();
        let failure = Failure::new(Kind::Timeout, "no answer");
        pongs.push(pong(60_000, Err(failure)));
        pongs.extend((1..=100).rev().filter(|n| n % 2 == 0).map(answer));
        let summary = Summary::of(&pongs);
        assert_eq!((summary.answered(), summary.failed()), (100, 1));
        let text = summary.to_string();
        let first = text.lines().next().unwrap();
        let [least, median, p95, most] =
            [1, 50, 95, 100].map(|n| units::duration(Duration::from_millis(n)));
        assert_eq!(
            first,
            format!("100 of 101 answered: min {least}, median {median}, p95 {p95}, max {most}")
        );
        assert_eq!(summary.to_json()["percentiles"]["p99"], 0.099);
    }
}
