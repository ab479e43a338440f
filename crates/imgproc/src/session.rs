//! The runs of one command: what each of them processes, and what is to be said about them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use imgproc::codec::Format;
use imgproc::files::Photos;
use imgproc::stopping::Signals;
use imgproc::{Done, Job, Outcome, Strategy, Task, files};
use indicatif::{ProgressBar, ProgressStyle};
use timing::cli::{self, Turn};

use crate::args::Args;
use crate::told::Told;

/// What the runs of one command have in common.
pub struct Session<'a> {
    args: &'a Args,
    stop: Arc<AtomicBool>,
    signals: Signals,
    /// The number of photos that were not begun, or not finished, when a run was stopped.
    undone: usize,
    /// The tasks of each run in which every photo was done.
    finished: Vec<Vec<Task>>,
    told: Arc<Told>,
    /// The number of inputs that can't be read.
    missing: usize,
    /// The number of photos that were left out because their results exist.
    resumed: usize,
    /// The sizes of what the last run did.
    total: Done,
    /// And, for each format, the number and the sizes of the results that are much larger than
    /// their photos.
    grown: Vec<(Format, usize, Done)>,
}

impl<'a> Session<'a> {
    /// Begins a session. No further photo is begun once `stop` is set.
    pub fn new(args: &'a Args, stop: Arc<AtomicBool>, signals: Signals) -> Self {
        Self {
            args,
            stop,
            signals,
            undone: 0,
            finished: Vec::new(),
            told: Arc::new(Told::new(args.quiet)),
            missing: 0,
            resumed: 0,
            total: Done::default(),
            grown: Vec::new(),
        }
    }

    /// Says which inputs are no photos, or can't be read.
    pub fn begin(&mut self, photos: &Photos) {
        let no_folder = photos.failures.iter().filter(|(path, _)| !path.is_dir());
        self.missing = no_folder.count();
        self.complain(&photos.failures);
        if let Some(line) = others(&photos.others) {
            self.told.note(&line, &ProgressBar::hidden());
        }
    }

    /// Prints a line to stderr for each failure. The same line is printed once.
    fn complain(&self, failures: &[(PathBuf, String)]) {
        for (path, cause) in failures {
            self.told.failure(path, cause, &ProgressBar::hidden());
        }
    }

    /// Returns the exit status. A failure of `conclude` and the like is told here.
    pub fn exit_code(&self, result: Result<bool>) -> ExitCode {
        let code = cli::exit_code(result);
        match self.signals.exit_status() {
            Some(status) => ExitCode::from(status),
            // Whether or not somebody was there to read the table.
            None if self.told.failures() => ExitCode::FAILURE,
            None => code,
        }
    }

    /// Runs one strategy on these photos, whose results go to `folder`. Returns the outcome in
    /// words.
    ///
    /// # Errors
    /// If the strategy can't start its workers.
    pub fn run(
        &mut self,
        strategy: Strategy,
        photos: &[(PathBuf, PathBuf)],
        folder: &Path,
        turn: &mut Turn,
    ) -> Result<String> {
        if self.stop.load(Ordering::Relaxed) {
            return Ok(String::new());
        }
        let args = self.args;
        let (tasks, refused) = self.tasks(photos, folder);
        let all = tasks.len() + refused + self.missing;
        if !tasks.is_empty() {
            files::check_writable(folder)?;
        }
        let mut settings = args.settings();
        // Results of the samples, and of an earlier run of this strategy, are the program's own.
        let samples = args.input.is_empty() && args.output_is_default();
        settings.force |= turn.repeat > 0 || samples;
        let progress = match args.quiet {
            true => ProgressBar::hidden(),
            false => progress(&turn.name)?,
        };
        let (told, bar) = (Arc::clone(&self.told), progress.clone());
        let job = Job {
            tasks,
            settings,
            workers: args.options.workers(),
            program: std::env::current_exe().context("this program's own path")?,
            stop: Arc::clone(&self.stop),
            on_outcome: Some(Box::new(move |task, outcome| {
                told.outcome(task, outcome, &bar);
            })),
            progress,
        };
        job.progress.set_length(job.tasks.len() as u64);
        let workers = strategy.workers(job.workers);
        let outcomes = turn.record(workers, |timeline| strategy.run(&job, timeline));
        job.progress.finish_and_clear();
        let outcomes = outcomes?;
        self.total = outcomes.iter().filter_map(Outcome::done).sum();
        let each = Format::value_variants().iter().map(|format| {
            let all = job.tasks.iter().zip(&outcomes);
            let of_format = all.filter(|(task, _)| task.format == *format);
            let done = of_format.filter_map(|(_, outcome)| outcome.done());
            let grown: Vec<_> = done.filter(|done| has_grown(done)).collect();
            (*format, grown.len(), grown.into_iter().sum())
        });
        self.grown = each.collect();
        let done = outcomes.iter().filter_map(Outcome::done).count();
        let undone = |outcome: &&Outcome| matches!(outcome, Outcome::Skipped | Outcome::NoRoom(_));
        self.undone += outcomes.iter().filter(undone).count();
        if done == outcomes.len() {
            self.finished.push(job.tasks);
        }
        let wall = turn.run().map_or(0.0, |run| run.wall.as_secs_f64());
        let rate = self.total.pixels as f64 / 1e6 / wall;
        Ok(format!("{done} of {all}, {rate:.0} MP/s"))
    }

    /// Returns the tasks, and the number of photos that were refused.
    fn tasks(&mut self, photos: &[(PathBuf, PathBuf)], folder: &Path) -> (Vec<Task>, usize) {
        let (mut tasks, refused) = files::place(photos, folder, self.args.format);
        self.complain(&refused);
        // The shard comes first: it must not depend on which results exist already.
        if let Some(shard) = self.args.shard {
            tasks = shard.of(tasks);
        }
        if self.args.resume {
            self.resumed += files::drop_finished(&mut tasks);
        }
        (tasks, refused.len())
    }

    /// Prints where the results are, and compares those of different strategies. Returns whether
    /// all went well.
    ///
    /// # Errors
    /// If a result can't be read, or stdout can't be written.
    pub fn conclude(&self) -> Result<bool> {
        let Done {
            pixels,
            bytes_in,
            bytes_out,
            ..
        } = self.total;
        let mega = |count: u64| count as f64 / 1e6;
        let mut text = format!(
            "\nThe last run: {:.1} megapixels, {:.1} MB read, {:.1} MB written.\nResults are in {}\n",
            mega(pixels),
            mega(bytes_in),
            mega(bytes_out),
            self.args.output.display(),
        );
        if self.args.resume {
            text += &format!(
                "Left out, because their results are there: {}.\n",
                self.resumed
            );
        }
        text += &self.growth();
        let same = self.same_bytes()?;
        if same && self.finished.len() > 1 {
            text += "Compared: every strategy has written the same bytes.\n";
        }
        if !self.args.quiet {
            cli::print(&text)?;
        }
        let stopped = self.stop.load(Ordering::Relaxed);
        if stopped {
            cli::complain(&self.stopped());
        }
        Ok(same && !stopped && !self.told.failures())
    }

    /// Says why results are much larger than their photos, if some are.
    fn growth(&self) -> String {
        let grown = self.grown.iter().filter_map(|(format, count, done)| {
            let times = done.bytes_out as f64 / done.bytes_in.max(1) as f64;
            let why = format.why_large().filter(|_| *count > 0)?;
            let name = cli::name(format);
            Some(match count {
                1 => format!("{name}: 1 file is {times:.1} times as large as its photo: {why}.\n"),
                _ => format!(
                    "{name}: {count} files are {times:.1} times as large as their photos: {why}.\n"
                ),
            })
        });
        grown.collect()
    }

    /// Returns the line about a run that was stopped.
    fn stopped(&self) -> String {
        let why = match self.signals.name() {
            Some(name) => format!("stopped by {name}"),
            // Or another rank was told to stop.
            None if self.told.failures() => "stopped: nothing more can be written".to_owned(),
            None => "stopped".to_owned(),
        };
        format!(
            "{why}: what was finished is kept, {} left undone (--resume does them)",
            photos(self.undone)
        )
    }

    fn same_bytes(&self) -> Result<bool> {
        let mut same = true;
        let Some((first, others)) = self.finished.split_first() else {
            return Ok(same);
        };
        for other in others {
            if let Some(task) = files::first_difference(other, first)? {
                let output = task.output.display();
                cli::complain(&format!("error: {output}: not the same bytes"));
                same = false;
            }
        }
        Ok(same)
    }
}

/// Whether a result is much larger than its photo.
fn has_grown(done: &Done) -> bool {
    done.bytes_out >= 2 * done.bytes_in
}

fn photos(count: usize) -> String {
    match count {
        1 => "1 photo is".to_owned(),
        _ => format!("{count} photos are"),
    }
}

/// Says how many files were no photos, and of which kinds they are.
fn others(kinds: &BTreeMap<String, usize>) -> Option<String> {
    let kind = |(extension, count): (&String, &usize)| match &extension[..] {
        "" => format!("{count} without an extension"),
        _ => format!("{count} {extension}"),
    };
    let all: usize = kinds.values().sum();
    let kinds: Vec<_> = kinds.iter().map(kind).collect();
    let what = match all {
        0 => return None,
        1 => "1 file is no photo".to_owned(),
        _ => format!("{all} files are no photos"),
    };
    Some(format!("note: {what}: {}", kinds.join(", ")))
}

fn progress(name: &str) -> Result<ProgressBar> {
    let style = "{prefix:11} [{bar:40}] {pos}/{len} photos, {eta} left";
    let style = ProgressStyle::with_template(style)?.progress_chars("=> ");
    let progress = ProgressBar::no_length().with_style(style);
    progress.set_prefix(name.to_owned());
    progress.enable_steady_tick(Duration::from_millis(100));
    Ok(progress)
}
