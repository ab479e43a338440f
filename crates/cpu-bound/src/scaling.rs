//! Measures the same work with 1, 2, 3 and more workers, and fits the serial fraction.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use timing::units::{self, median, or_dash, range};
use timing::{Machine, efficiency, speed_up, table};

/// Returns the speed-up of `workers` workers, if the part `serial` (0 to 1) of the work can be done
/// by one worker only: `1 / (s + (1 - s) / n)` (G. Amdahl, *Validity of the single processor
/// approach to achieving large scale computing capabilities*, AFIPS 1967).
///
/// # Panics
/// If `workers` is 0.
// ANCHOR: amdahl
pub fn amdahl(serial: f64, workers: usize) -> f64 {
    assert!(workers > 0, "no workers");
    1.0 / (serial + (1.0 - serial) / workers as f64)
}
// ANCHOR_END: amdahl

/// The measurements with one number of workers.
#[derive(Debug, Clone)]
pub struct ScalingPoint {
    /// The number of workers.
    pub workers: usize,
    /// The median wall time.
    pub median: Duration,
    /// The least wall time.
    pub fastest: Duration,
    /// The greatest wall time.
    pub slowest: Duration,
    /// The speed-up against the first point.
    pub speed_up: Option<f64>,
    /// The speed-up for each worker.
    pub efficiency: Option<f64>,
}

/// Wall times by number of workers.
#[derive(Debug, Clone)]
pub struct Scaling {
    points: Vec<ScalingPoint>,
}

impl Scaling {
    /// Runs `body` with each number of workers: all of them once, then all again, `repeats` times.
    /// So a disturbance of the machine affects all numbers of workers alike.
    pub fn measure(
        workers: RangeInclusive<usize>,
        repeats: usize,
        mut body: impl FnMut(usize),
    ) -> Self {
        let mut samples: Vec<_> = workers.map(|workers| (workers, Vec::new())).collect();
        for _ in 0..repeats {
            for (workers, walls) in &mut samples {
                let start = Instant::now();
                body(*workers);
                walls.push(start.elapsed());
            }
        }
        Self::from_samples(samples)
    }

    /// Makes it from wall times. The first entry is the base of all speed-ups. Entries without wall
    /// times, or with 0 workers, are left out.
    pub fn from_samples(samples: Vec<(usize, Vec<Duration>)>) -> Self {
        let measured = samples
            .into_iter()
            .filter(|(workers, walls)| *workers > 0 && !walls.is_empty());
        let mut points: Vec<ScalingPoint> = Vec::new();
        for (workers, walls) in measured {
            let median = median(&walls);
            let (fastest, slowest) = range(&walls);
            let speed_up = speed_up(points.first().map_or(median, |first| first.median), median);
            points.push(ScalingPoint {
                workers,
                median,
                fastest,
                slowest,
                speed_up,
                efficiency: speed_up.and_then(|speed_up| efficiency(speed_up, workers)),
            });
        }
        Self { points }
    }

    /// A point for each number of workers.
    pub fn points(&self) -> &[ScalingPoint] {
        &self.points
    }

    /// Returns the serial fraction by Amdahl's law, 0 to 1: the least-squares fit of
    /// `T(n) / T(1) = s + (1 - s) / n`, whose solution is `s = sum(x (y - 1/n)) / sum(x^2)` with
    /// `x = 1 - 1/n` and `y` the left side.
    ///
    /// `None` without a measurement with one worker that took some time, or without one with more.
    pub fn serial_fraction(&self) -> Option<f64> {
        let one = self.points.iter().find(|point| point.workers == 1)?;
        if one.median.is_zero() {
            return None;
        }
        let (mut above, mut below) = (0.0, 0.0);
        for point in &self.points {
            let inverse = 1.0 / point.workers as f64;
            let x = 1.0 - inverse;
            let y = point.median.as_secs_f64() / one.median.as_secs_f64();
            above += x * (y - inverse);
            below += x * x;
        }
        (below > 0.0).then(|| (above / below).clamp(0.0, 1.0))
    }

    /// Returns the speed-up of so many workers by Amdahl's law with the fitted serial fraction. For
    /// more workers than were measured this is an extrapolation, and must be called one.
    pub fn predict(&self, workers: usize) -> Option<f64> {
        let serial = self.serial_fraction()?;
        (workers > 0).then(|| amdahl(serial, workers))
    }

    /// Returns all of it as data; times are in seconds.
    pub fn to_json(&self) -> Value {
        let point = |point: &ScalingPoint| {
            json!({
                "workers": point.workers,
                "median": point.median.as_secs_f64(),
                "fastest": point.fastest.as_secs_f64(),
                "slowest": point.slowest.as_secs_f64(),
                "speed_up": point.speed_up,
                "efficiency": point.efficiency,
            })
        };
        json!({
            "points": self.points.iter().map(point).collect::<Vec<_>>(),
            "serial_fraction": self.serial_fraction(),
        })
    }
}

impl fmt::Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["workers", "median", "from", "to", "speed-up", "efficiency"];
        let row = |point: &ScalingPoint| {
            vec![
                point.workers.to_string(),
                units::duration(point.median),
                units::duration(point.fastest),
                units::duration(point.slowest),
                or_dash(point.speed_up, |times| format!("{times:.2}")),
                or_dash(point.efficiency, |part| format!("{:.0} %", part * 100.0)),
            ]
        };
        let rows: Vec<_> = self.points.iter().map(row).collect();
        write!(f, "{}", table::draw(&head, &[], &rows))?;
        let cores = Machine::detect().cores;
        if self.points.iter().any(|point| point.workers > cores) {
            writeln!(
                f,
                "\nMore than {cores} workers had to share {cores} cores: what that costs counts as serial here."
            )?;
        }
        match self.serial_fraction() {
            Some(serial) => writeln!(
                f,
                "\nAmdahl's law fits best with {:.1} % of the work serial.",
                serial * 100.0
            ),
            None => writeln!(f, "\nToo little was measured to fit Amdahl's law."),
        }
    }
}
