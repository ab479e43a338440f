//! Strategies side by side, and no more claimed than was measured.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::machine::Machine;
use crate::run::Run;
use crate::table::{self, WIDTH};
use crate::text::{fit, printable, wrap};
use crate::units::{self, median, or_dash, range};

/// Columns that a strategy's name takes at most.
const NAME: usize = 20;

/// How many times as fast as the base: `base / this`. `None` if either took no time at all.
pub fn speed_up(base: Duration, this: Duration) -> Option<f64> {
    let known = !base.is_zero() && !this.is_zero();
    known.then(|| base.as_secs_f64() / this.as_secs_f64())
}

/// What part of its workers' time a speed-up made use of: `speed_up / workers`. `None` without workers.
pub fn efficiency(speed_up: f64, workers: usize) -> Option<f64> {
    (workers > 0).then(|| speed_up / workers as f64)
}

/// One strategy's runs in sum.
#[derive(Debug, Clone)]
pub struct ComparisonRow {
    /// The strategy.
    pub name: String,
    /// Its workers.
    pub workers: usize,
    /// The median of the wall times.
    pub wall: Duration,
    /// The least wall time.
    pub fastest: Duration,
    /// The greatest wall time.
    pub slowest: Duration,
    /// How many runs there were.
    pub samples: usize,
    /// The median of the CPU times.
    pub cpu: Duration,
    /// Against the first row.
    pub speed_up: Option<f64>,
    /// The speed-up for each worker.
    pub efficiency: Option<f64>,
    /// What came of the last run.
    pub outcome: String,
    /// Whether its wall times and the first row's overlap, so that neither can be called the faster.
    pub within_noise: bool,
}

/// A row a strategy, in the order in which they were first run; the first is what the others are measured against.
#[derive(Debug, Clone)]
pub struct Comparison {
    machine: Machine,
    rows: Vec<ComparisonRow>,
}

impl Comparison {
    /// Compares these runs. Runs of one name are samples of one row.
    pub fn of(runs: &[Run]) -> Self {
        let mut rows: Vec<ComparisonRow> = Vec::new();
        for run in runs {
            if rows.iter().any(|row| row.name == run.name) {
                continue;
            }
            let same: Vec<&Run> = runs.iter().filter(|other| other.name == run.name).collect();
            let walls: Vec<_> = same.iter().map(|run| run.wall).collect();
            let cpus: Vec<_> = same.iter().map(|run| run.cpu).collect();
            let wall = median(&walls);
            let (fastest, slowest) = range(&walls);
            let base = rows.first();
            let speed_up = speed_up(base.map_or(wall, |base| base.wall), wall);
            rows.push(ComparisonRow {
                name: run.name.clone(),
                workers: run.workers,
                wall,
                fastest,
                slowest,
                samples: walls.len(),
                cpu: median(&cpus),
                speed_up,
                efficiency: speed_up.and_then(|speed_up| efficiency(speed_up, run.workers)),
                outcome: same.last().map_or(String::new(), |run| run.outcome.clone()),
                within_noise: base
                    .is_some_and(|base| base.fastest <= slowest && fastest <= base.slowest),
            });
        }
        Self {
            machine: Machine::detect(),
            rows,
        }
    }

    /// The rows.
    pub fn rows(&self) -> &[ComparisonRow] {
        &self.rows
    }

    /// All of it as data; times in seconds, what can't be known as null.
    pub fn to_json(&self) -> Value {
        let row = |row: &ComparisonRow| {
            json!({
                "strategy": row.name,
                "workers": row.workers,
                "wall": row.wall.as_secs_f64(),
                "fastest": row.fastest.as_secs_f64(),
                "slowest": row.slowest.as_secs_f64(),
                "samples": row.samples,
                "cpu": row.cpu.as_secs_f64(),
                "speed_up": row.speed_up,
                "efficiency": row.efficiency,
                "within_noise": row.within_noise,
                "outcome": row.outcome,
            })
        };
        json!({
            "machine": self.machine,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }

    /// A single run has no range that could overlap another's: of the two rows one must have been run again.
    fn is_noise(&self, row: &ComparisonRow) -> bool {
        row.within_noise && (row.samples > 1 || self.rows[0].samples > 1)
    }

    /// What the reader of the table must know before believing it.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let names = |which: &dyn Fn(&&ComparisonRow) -> bool| {
            let names: Vec<_> = self
                .rows
                .iter()
                .filter(which)
                .map(|row| fit(&printable(&row.name), NAME))
                .collect();
            names.join(", ")
        };
        let crowded = names(&|row| row.workers > self.machine.cores);
        if !crowded.is_empty() {
            remarks.push(format!(
                "More workers than cores, which they share when they compute: {crowded}."
            ));
        }
        let noisy = names(&|row| self.is_noise(row));
        if !noisy.is_empty() {
            remarks.push(format!(
                "~ no difference to {} that these runs could show: {noisy}.",
                fit(&printable(&self.rows[0].name), NAME)
            ));
        }
        if self.rows.len() > 1 && self.rows.iter().all(|row| row.samples == 1) {
            remarks.push("One run each, so the noise is unknown: --runs 5 shows it.".to_owned());
        }
        remarks
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut head = vec![
            "strategy",
            "workers",
            "wall",
            "CPU",
            "speed-up",
            "efficiency",
        ];
        let outcomes = self.rows.iter().any(|row| !row.outcome.is_empty());
        if outcomes {
            head.push("outcome");
        }
        let cells = |row: &ComparisonRow| {
            let mark = if self.is_noise(row) { "~" } else { "" };
            let mut cells = vec![
                fit(&printable(&row.name), NAME),
                row.workers.to_string(),
                units::duration(row.wall),
                units::duration(row.cpu),
                or_dash(row.speed_up, |times| format!("{mark}{times:.2}")),
                or_dash(row.efficiency, |part| format!("{:.0} %", part * 100.0)),
            ];
            if outcomes {
                cells.push(row.outcome.clone());
            }
            cells
        };
        let rows: Vec<_> = self.rows.iter().map(cells).collect();
        write!(f, "{}", table::draw(&head, &["strategy", "outcome"], &rows))?;
        writeln!(f, "\n{}.", self.machine)?;
        for remark in self.remarks() {
            writeln!(f, "{}", wrap(&remark, WIDTH))?;
        }
        Ok(())
    }
}
