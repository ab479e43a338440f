//! Numbers as a person reads them.

use std::time::Duration;

/// A duration with three significant digits and a fitting unit: `2.65 s`, `18.3 ms`, `0 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if duration.is_zero() {
        return "0 s".to_owned();
    }
    let (value, unit) = match seconds {
        s if s >= 1.0 => (s, "s"),
        s if s >= 1e-3 => (s * 1e3, "ms"),
        s if s >= 1e-6 => (s * 1e6, "µs"),
        s => (s * 1e9, "ns"),
    };
    let digits = match value {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$} {unit}")
}

/// A number, or a dash where there is none.
pub fn or_dash(value: Option<f64>, form: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), form)
}

/// The middle of the sorted values; of the two middle ones, the mean. Zero if there are none.
pub fn median(values: &[Duration]) -> Duration {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    match sorted.len() {
        0 => Duration::ZERO,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2,
    }
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
