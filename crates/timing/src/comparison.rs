//! Compares strategies side by side, and claims no more than was measured.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::machine::Machine;
use crate::run::Run;
use crate::table::{self, WIDTH};
use crate::text::{fit, printable, wrap};
use crate::units::{self, median, or_dash, range};

/// The most columns of a strategy's name.
const NAME: usize = 20;

/// Returns how many times as fast as the base something was: `base / this`. `None` if either of
/// them took no time.
pub fn speed_up(base: Duration, this: Duration) -> Option<f64> {
    let known = !base.is_zero() && !this.is_zero();
    known.then(|| base.as_secs_f64() / this.as_secs_f64())
}

/// Returns the part of its workers' time that a speed-up made use of: `speed_up / workers`. `None`
/// without workers.
pub fn efficiency(speed_up: f64, workers: usize) -> Option<f64> {
    (workers > 0).then(|| speed_up / workers as f64)
}

/// All runs of one strategy, summed up.
#[derive(Debug, Clone)]
pub struct ComparisonRow {
    /// The strategy's name.
    pub name: String,
    /// The number of workers.
    pub workers: usize,
    /// The median of the wall times.
    pub wall: Duration,
    /// The least wall time.
    pub fastest: Duration,
    /// The greatest wall time.
    pub slowest: Duration,
    /// The number of runs.
    pub samples: usize,
    /// The median of the CPU times.
    pub cpu: Duration,
    /// The speed-up against the first row.
    pub speed_up: Option<f64>,
    /// The speed-up for each worker.
    pub efficiency: Option<f64>,
    /// The outcome of the last run, in words.
    pub outcome: String,
    /// Whether its wall times and those of the first row overlap, so that neither is known to be
    /// the faster one.
    pub within_noise: bool,
}

/// A row for each strategy, in the order of their first runs. The first row is the base of all
/// speed-ups.
#[derive(Debug, Clone)]
pub struct Comparison {
    machine: Machine,
    rows: Vec<ComparisonRow>,
}

impl Comparison {
    /// Compares these runs. Runs with the same name are samples of one row.
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

    /// Whether the row may be called noise. Single runs have no range that could overlap: at least
    /// one of the two rows must have several runs.
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
        if self.machine.cores == 1 && self.rows.len() > 1 {
            remarks.push(
                "One core computes no faster with more workers. Only their waits can overlap."
                    .to_owned(),
            );
        }
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

impl Comparison {
    /// The heads of the columns, and the cells of all rows, in words.
    pub(crate) fn cells(&self) -> (Vec<&'static str>, Vec<Vec<String>>) {
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
        (head, self.rows.iter().map(cells).collect())
    }

    /// What stands below the table: the machine, and the remarks.
    pub(crate) fn notes(&self) -> Vec<String> {
        let machine = format!("{}.", self.machine);
        std::iter::once(machine).chain(self.remarks()).collect()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, rows) = self.cells();
        write!(f, "{}", table::draw(&head, &["strategy", "outcome"], &rows))?;
        writeln!(f)?;
        for note in self.notes() {
            writeln!(f, "{}", wrap(&note, WIDTH))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_core_has_a_remark_of_its_own() {
        let run = |name: &str| Run {
            name: name.to_owned(),
            workers: 1,
            wall: Duration::from_millis(10),
            cpu: Duration::from_millis(10),
            outcome: String::new(),
            recording: Default::default(),
        };
        let text = |runs: &[Run], cores| {
            let comparison = Comparison {
                machine: Machine { cores },
                ..Comparison::of(runs)
            };
            comparison.to_string()
        };
        let two = [run("a"), run("b")];
        let remark = "1 core may be used.\nOne core computes no faster with more workers.";
        assert!(text(&two, 1).contains(remark), "{}", text(&two, 1));
        assert!(!text(&two, 2).contains("One core"));
        assert!(!text(&two[..1], 1).contains("One core"));
    }
}
