//! How many pings took how long. Latencies differ by factors of a thousand, so the bins grow: each
//! edge is 1, 2 or 5 times a power of ten.

use std::time::Duration;

use timing::units;

/// The most columns of a bar.
const WIDTH: usize = 40;

/// The pings whose latency is at most `edge`, and longer than the edge before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// The longest latency in it.
    pub edge: Duration,
    /// How many pings are in it.
    pub count: usize,
}

/// The latency that `percent` of these latencies, which are sorted, do not exceed. By the nearest
/// rank: so it is one of them. `None` if there are none.
pub fn percentile(sorted: &[Duration], percent: f64) -> Option<Duration> {
    // Thousandths are exact, and fine enough for 99.9 %.
    let thousandths = (percent * 10.0).round() as usize;
    let rank = (sorted.len() * thousandths).div_ceil(1000).max(1);
    sorted.get(rank - 1).copied()
}

/// Counts latencies, which are sorted. The first and the last bin are not empty.
pub fn bins(sorted: &[Duration]) -> Vec<Bin> {
    let mut bins: Vec<Bin> = Vec::new();
    let powers = (0..19).map(|power| 10_u64.pow(power));
    let mut edges = powers.flat_map(|power| [1, 2, 5].map(|digit| digit * power));
    let mut rest = sorted;
    while !rest.is_empty() {
        let edge = Duration::from_nanos(edges.next().unwrap_or(u64::MAX));
        let count = rest.partition_point(|latency| *latency <= edge);
        rest = &rest[count..];
        if count > 0 || !bins.is_empty() {
            bins.push(Bin { edge, count });
        }
    }
    bins
}

/// Draws a line for each bin: its edge, a bar, and its count.
pub fn draw(sorted: &[Duration]) -> String {
    let bins = bins(sorted);
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(1);
    let line = |bin: &Bin| {
        // A bin that is not empty has a bar.
        let bar = "\u{2588}".repeat((bin.count * WIDTH).div_ceil(most));
        let edge = units::tick(bin.edge);
        format!("{:>12} {bar} {}\n", format!("to {edge}"), bin.count)
    };
    bins.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition: of the latencies, the least that so many percent do not exceed.
    #[test]
    fn a_percentile_is_the_least_that_so_many_do_not_exceed() {
        let of = |count: u64, percent| {
            let all: Vec<_> = (1..=count).map(Duration::from_secs).collect();
            percentile(&all, percent).map(|latency| latency.as_secs())
        };
        assert_eq!(of(0, 50.0), None);
        assert_eq!([0.0, 50.0, 100.0].map(|p| of(1, p)), [Some(1); 3]);
        let ten = [10.0, 50.0, 51.0, 90.0, 95.0, 99.9, 100.0].map(|p| of(10, p).unwrap());
        assert_eq!(ten, [1, 5, 6, 9, 10, 10, 10]);
        assert_eq!(of(11, 50.0), Some(6));
        // One in a thousand may be longer.
        assert_eq!(
            [1000, 1001, 2000].map(|n| of(n, 99.9)),
            [999, 1000, 1998].map(Some)
        );
        assert_eq!([100, 101].map(|n| of(n, 99.0)), [99, 100].map(Some));
    }

    #[test]
    fn a_bin_that_is_not_empty_has_a_bar() {
        let mut latencies = vec![Duration::from_millis(1); 1000];
        latencies.push(Duration::from_millis(5));
        let bars = draw(&latencies);
        let bars = bars.lines().map(|line| line.matches('\u{2588}').count());
        assert_eq!(bars.collect::<Vec<_>>(), [WIDTH, 0, 1]);
    }

    #[test]
    fn each_latency_is_in_one_bin() {
        let latencies = [900, 1000, 1001, 4000, 300_000].map(Duration::from_micros);
        let bins = bins(&latencies);
        let counts: Vec<_> = bins.iter().map(|bin| bin.count).collect();
        assert_eq!(counts, [2, 1, 1, 0, 0, 0, 0, 0, 1]);
        assert_eq!(bins[0].edge, Duration::from_millis(1));
        assert_eq!(bins[8].edge, Duration::from_millis(500));
        let drawn = draw(&latencies);
        assert!(
            drawn.starts_with(&format!("     to 1 ms {} 2\n", "\u{2588}".repeat(40))),
            "{drawn}"
        );
        assert_eq!(draw(&[]), "");
        // The longest duration that there is ends the bins.
        assert_eq!(super::bins(&[Duration::from_nanos(u64::MAX)]).len(), 1);
    }
}
