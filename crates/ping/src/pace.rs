//! When each ping begins, if that is planned: `--rate`.
//!
//! Without a plan a worker asks again when it has its answer. If the server stalls, such a *closed
//! loop* stops asking, and one latency is long. Those whom it did not ask in the meantime have no
//! latency at all: *coordinated omission*. With a plan, an *open loop*, each ping has its time, and
//! its latency counts from then on, whether or not it could begin.

use std::thread;
use std::time::{Duration, Instant};

/// The plan of one strategy's pings.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    start: Instant,
    /// The time from one ping to the next; `None` without a plan.
    gap: Option<Duration>,
    /// How long pings begin.
    duration: Option<Duration>,
}

impl Pace {
    /// A plan that begins now: so many pings a second if there is a `rate`, and for `duration` if
    /// there is one.
    pub fn new(rate: Option<u32>, duration: Option<Duration>) -> Self {
        Self {
            start: Instant::now(),
            gap: rate.map(|rate| Duration::from_secs(1) / rate),
            duration,
        }
    }

    /// The same plan, which begins now.
    pub fn again(self) -> Self {
        Self {
            start: Instant::now(),
            ..self
        }
    }

    /// Whether a ping is to begin. Of a plan with a rate, that depends on its place alone.
    pub fn has(&self, index: usize) -> bool {
        let begins = match self.gap {
            Some(_) => self.planned(index).unwrap_or(self.start),
            None => Instant::now(),
        };
        self.duration
            .is_none_or(|duration| begins < self.start + duration)
    }

    /// The number of pings, if there are `most` at most. `None` if that depends on how long they
    /// take.
    pub fn count(&self, most: usize) -> Option<usize> {
        let Some(duration) = self.duration else {
            return Some(most);
        };
        let planned = duration.as_nanos().div_ceil(self.gap?.as_nanos().max(1));
        Some(usize::try_from(planned).unwrap_or(most).min(most))
    }

    /// The time at which this ping is to begin; `None` without a rate.
    pub fn planned(&self, index: usize) -> Option<Instant> {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        Some(self.start + self.gap?.checked_mul(index)?)
    }

    /// Waits until this ping is to begin, and returns that time. It may have passed long ago. The
    /// thread sleeps meanwhile.
    pub fn begin(&self, index: usize) -> Instant {
        let planned = self.planned(index);
        if let Some(planned) = planned {
            thread::sleep(planned.saturating_duration_since(Instant::now()));
        }
        planned.unwrap_or_else(Instant::now)
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(None, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_rate_plans_each_ping() {
        let pace = Pace::new(Some(20), Some(SECOND / 2));
        assert_eq!(pace.count(usize::MAX), Some(10));
        assert_eq!(pace.count(7), Some(7));
        assert!(pace.has(9) && !pace.has(10));
        let first = pace.planned(0).unwrap();
        assert_eq!(pace.planned(9).unwrap() - first, Duration::from_millis(450));
        // It began when it was planned, however late that is noticed.
        assert_eq!(pace.begin(0), first);
    }

    /// `threads` asks for the number, the others for each ping.
    #[test]
    fn the_number_is_that_of_the_pings_that_are_to_begin() {
        for rate in [1, 3, 7, 20, 999] {
            for milliseconds in [1, 49, 50, 51, 1000, 1001] {
                let pace = Pace::new(Some(rate), Some(Duration::from_millis(milliseconds)));
                let each = (0..).take_while(|&index| pace.has(index)).count();
                assert_eq!(pace.count(usize::MAX), Some(each), "{rate}, {milliseconds}");
            }
        }
    }

    /// Otherwise the second strategy would be late from its first ping on.
    #[test]
    fn the_plan_of_the_next_strategy_begins_later() {
        let before = Pace::new(Some(20), Some(SECOND));
        let before = Pace {
            start: before.start - SECOND,
            ..before
        };
        let again = before.again();
        assert!(again.start >= before.start + SECOND);
        assert_eq!((again.gap, again.duration), (before.gap, before.duration));
    }

    #[test]
    fn without_a_rate_there_is_no_plan() {
        assert_eq!(Pace::new(None, Some(SECOND)).count(7), None);
        let all = Pace::default();
        assert_eq!((all.count(7), all.planned(3)), (Some(7), None));
        assert!(all.has(usize::MAX));
        assert!(!Pace::new(None, Some(Duration::ZERO)).has(0));
    }
}
