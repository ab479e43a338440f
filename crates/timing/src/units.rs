//! Numbers in the form in which people read them.

use std::time::Duration;

use crate::grid;

/// Returns a duration with three significant digits and a fitting unit: `2.65 s`, `18.3 ms`, `0 s`.
pub fn duration(duration: Duration) -> String {
    let (value, unit) = split(duration);
    // Where rounding adds a digit before the point (9.996), one digit less follows the point.
    let digits = match value {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        v if v > 0.0 => 2,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

/// Returns a round duration without trailing zeros: `2.5 s`, `20 ms`.
pub fn tick(duration: Duration) -> String {
    let (value, unit) = split(duration);
    // Two digits are enough for a step of 1, 2 or 5. More would show the rounding of 0.1.
    let rounded = (value * 100.0).round() / 100.0;
    format!("{rounded} {unit}")
}

/// From two hours on, a time is said in hours.
const HOURS: f64 = 7200.0;

fn split(duration: Duration) -> (f64, &'static str) {
    match duration.as_nanos() as f64 {
        ns if ns >= HOURS * 1e9 => (ns / 3600e9, "h"),
        ns if ns >= 999.5e6 => (ns / 1e9, "s"),
        ns if ns >= 999.5e3 => (ns / 1e6, "ms"),
        ns if ns >= 999.5 => (ns / 1e3, "µs"),
        ns if ns > 0.0 => (ns, "ns"),
        _ => (0.0, "s"),
    }
}

/// Returns a round step in seconds that divides so many seconds into at most `most` parts.
pub(crate) fn round_step(seconds: f64, most: usize) -> f64 {
    let unit = if seconds >= HOURS { 3600.0 } else { 1.0 };
    grid::round_step(seconds / unit, most) * unit
}

/// Returns a number in this form, or a dash where there is none.
pub fn or_dash(value: Option<f64>, form: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), form)
}

/// Returns the median: the middle of the sorted values, or the mean of the two middle ones. Zero if
/// there are none.
pub fn median(values: &[Duration]) -> Duration {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    match sorted.len() {
        0 => Duration::ZERO,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2,
    }
}

/// Returns the least and the greatest of the values. Zeros if there are none.
pub fn range(values: &[Duration]) -> (Duration, Duration) {
    let least = values.iter().min().copied().unwrap_or_default();
    (least, values.iter().max().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_words() {
        let words = |ns| duration(Duration::from_nanos(ns));
        assert_eq!(words(0), "0 s");
        assert_eq!(words(999), "999 ns");
        assert_eq!(words(12_345), "12.3 µs");
        assert_eq!(words(2_650_000_000), "2.65 s");
        assert_eq!(words(123_400_000_000), "123 s");
        assert_eq!(words(9_996_000), "10.0 ms");
        assert_eq!(words(999_960_000), "1.00 s");
        assert_eq!(words(7), "7.00 ns");
        assert_eq!(words(7_199_000_000_000), "7199 s");
        assert_eq!(words(96_000_000_000_000), "26.7 h");
    }

    #[test]
    fn ticks_are_short() {
        let words = |ms| tick(Duration::from_millis(ms));
        assert_eq!(
            [words(0), words(20), words(500)],
            ["0 s", "20 ms", "500 ms"]
        );
        assert_eq!([words(1_000), words(1_500)], ["1 s", "1.5 s"]);
        assert_eq!([words(7_200_000), words(18_000_000)], ["2 h", "5 h"]);
    }

    #[test]
    fn the_middle_one() {
        let of = |ms: &[u64]| {
            let all: Vec<_> = ms.iter().map(|&ms| Duration::from_millis(ms)).collect();
            median(&all).as_millis()
        };
        assert_eq!(
            [of(&[]), of(&[7]), of(&[9, 1, 5]), of(&[1, 9])],
            [0, 7, 5, 5]
        );
    }
}
