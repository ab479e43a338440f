//! The run loop that all lessons share: every strategy in turn, as often as the user asks for; then
//! the table, the timelines, and the files.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use anyhow::Result;
use clap::ValueEnum;
use serde_json::Value;

use super::predict;
use crate::cli::{self, Options, StdoutFailed, WrongArguments};
use crate::comparison::Comparison;
use crate::look::Look;
use crate::run::Run;
use crate::timeline::Timeline;
use crate::{html, svg, terminal, trace};

/// The runs of one command, and whether all of them went well.
#[derive(Debug, Clone, Default)]
pub struct Report {
    look: Look,
    /// The names of the strategies that had a turn, whether or not something was recorded.
    turns: Vec<String>,
    runs: Vec<Run>,
    /// What `--json` says of a strategy besides the comparison.
    details: BTreeMap<String, Value>,
    failed: bool,
}

/// One run of one strategy, from its preparation to its outcome in words.
#[derive(Debug)]
pub struct Turn {
    /// The strategy's name.
    pub name: String,
    /// How often this strategy was run before: 0 in its first run.
    pub repeat: usize,
    run: Option<Run>,
    details: Option<Value>,
    failed: bool,
}

impl Options {
    /// Runs each strategy, as often as `--runs` says: once all of them, then all again.
    ///
    /// `take` prepares one run, lets [`Turn::record`] run and time it, and returns its outcome in
    /// words. If it fails, its error is told with the strategy's name, and the next strategy is
    /// run. A turn that records nothing (after Ctrl-C, say) has no row in the table.
    ///
    /// # Errors
    /// If `--predict` does not fit these strategies, or if stdout can't be written: then nothing
    /// more is run.
    pub fn compare<S: Copy + ValueEnum>(
        &self,
        strategies: &[S],
        mut take: impl FnMut(S, &mut Turn) -> Result<String>,
    ) -> Result<Report> {
        let mut report = Report {
            turns: strategies.iter().map(cli::name).collect(),
            ..Report::default()
        };
        self.fits(&report.turns)?;
        for repeat in 0..self.runs() {
            for strategy in strategies {
                let mut turn = Turn {
                    name: cli::name(strategy),
                    repeat,
                    run: None,
                    details: None,
                    failed: false,
                };
                let outcome = match take(*strategy, &mut turn) {
                    Ok(words) => words,
                    Err(error) if error.is::<StdoutFailed>() => return Err(error),
                    Err(error) => {
                        turn.complain(&format!("{error:#}"));
                        "failed".to_owned()
                    }
                };
                report.failed |= turn.failed;
                let details = turn.details.map(|details| (turn.name.clone(), details));
                report.details.extend(details);
                report.runs.extend(turn.run.map(|run| run.outcome(outcome)));
            }
        }
        Ok(report)
    }

    /// Checks that `--predict` fits these strategies, for a program that has much to prepare before
    /// it comes to [`compare`](Self::compare), which checks it, too.
    ///
    /// # Errors
    /// If a guess is about none of them.
    pub fn check<S: ValueEnum>(&self, strategies: &[S]) -> Result<()> {
        self.fits(&strategies.iter().map(cli::name).collect::<Vec<_>>())
    }

    /// # Errors
    /// If a guess is about none of these rows.
    fn fits(&self, rows: &[String]) -> Result<()> {
        match predict::misfit(&self.predict, rows) {
            None => Ok(()),
            Some(words) => Err(WrongArguments(words).into()),
        }
    }
}

impl Turn {
    /// Prints a line with the strategy's name, above what the strategy prints.
    ///
    /// # Errors
    /// If stdout can't be written.
    pub fn heading(&self) -> Result<()> {
        cli::print(&format!("--- {} ---\n", self.name))
    }

    /// Runs and times `body`, as a run of this strategy with so many workers.
    pub fn record<T>(&mut self, workers: usize, body: impl FnOnce(&Timeline) -> T) -> T {
        let (result, run) = Run::record(&self.name, workers, body);
        self.run = Some(run);
        result
    }

    /// What was recorded in this turn.
    pub fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// Adds what `--json` says of this strategy besides the comparison, as `details` of its row. Of
    /// several runs, the last one's details are written.
    pub fn details(&mut self, details: Value) {
        self.details = Some(details);
    }

    /// Tells on stderr what went wrong; the program's exit status will be 1.
    pub fn complain(&mut self, words: &str) {
        cli::complain(&format!("error: {}: {words}", self.name));
        self.failed = true;
    }
}

impl Report {
    /// Adds a run. Several of one name are one row of the table; the last of them is drawn.
    pub fn add(&mut self, run: Run) {
        self.runs.push(run);
    }

    /// Gives the timelines a legend of their own, and arrows.
    pub fn look(&mut self, look: Look) {
        self.look = look;
    }

    /// Tells on stderr what went wrong; the program's exit status will be 1.
    pub fn complain(&mut self, words: &str) {
        cli::complain(&format!("error: {words}"));
        self.failed = true;
    }

    /// Whether all went well, for a program that publishes nothing.
    pub fn is_well(&self) -> bool {
        !self.failed
    }

    /// Prints the table and the timelines, and writes the files that the options name. Returns
    /// whether all went well.
    ///
    /// # Errors
    /// If stdout or a file can't be written, or if `--predict` does not fit what was run.
    pub fn publish(&self, options: &Options) -> Result<bool> {
        let mut names = self.turns.clone();
        for run in &self.runs {
            if !names.contains(&run.name) {
                names.push(run.name.clone());
            }
        }
        options.fits(&names)?;
        let comparison = Comparison::of(&self.runs);
        let guesses = match predict::told(&options.predict, &comparison) {
            lines if lines.is_empty() => lines,
            lines => format!("\n{lines}"),
        };
        let drawn = self.drawn();
        let size = terminal_size::terminal_size_of(std::io::stdout());
        let width = size.map_or(80, |(width, _)| usize::from(width.0).max(40));
        // A timeline that was off is not drawn.
        let timelines = match drawn.iter().any(|run| !run.recording.rows.is_empty()) {
            true => format!("\n{}", terminal::draw_as(&drawn, width, &self.look)),
            false => String::new(),
        };
        let picture = LazyCell::new(|| svg::draw_as(&drawn, &self.look, options.zoom.clone()));
        // The files are written even if stdout is closed, as by `| head -1`.
        let printed = cli::print(&format!("{comparison}{guesses}{timelines}"));
        if let Some(path) = &options.svg {
            cli::write(path, &picture)?;
        }
        if let Some(path) = &options.html {
            cli::write(path, &html::page(&comparison, &guesses, &picture))?;
        }
        if let Some(path) = &options.trace {
            cli::write(path, &trace::draw(&drawn))?;
        }
        if let Some(path) = &options.json {
            let mut data = comparison.to_json();
            for (row, index) in comparison.rows().iter().zip(0usize..) {
                if let Some(details) = self.details.get(&row.name) {
                    data["rows"][index]["details"] = details.clone();
                }
            }
            cli::write(path, &format!("{data:#}\n"))?;
        }
        printed.map(|()| self.is_well())
    }

    fn drawn(&self) -> Vec<Run> {
        let is_last = |(index, run): &(usize, &Run)| {
            let mut later = self.runs[index + 1..].iter();
            later.all(|other| other.name != run.name)
        };
        let last = self.runs.iter().enumerate().filter(is_last);
        last.map(|(_, run)| run.clone()).collect()
    }
}
