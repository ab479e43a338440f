//! `cargo run -p imgproc`: see `--help`, and the README beside this folder.

mod args;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use imgproc::files::{self, Photos};
use imgproc::{Done, Job, Outcome, Strategy, Task, samples, worker};
use indicatif::{ProgressBar, ProgressStyle};
use timing::cli::{self, Report};
use timing::{Run, Timeline};

use args::Args;

/// The samples' sides are enlarged by this, and each is done so many times: 450 megapixels.
const ENLARGED: usize = 4;
const REPEATED: usize = 12;

fn main() -> ExitCode {
    worker::serve_if_asked();
    let args = Args::parse();
    args.refuse_what_was_not_built();
    cli::exit_code(run(&args))
}

/// Whether every photo was done.
fn run(args: &Args) -> Result<bool> {
    let stop = stop_on_ctrl_c()?;
    let strategies = args.strategies();
    #[cfg(feature = "mpi")]
    let ranks = match strategies.iter().any(|strategy| strategy.needs_mpi()) {
        true => Some(imgproc::ranks::Ranks::join()?),
        false => None,
    };
    #[cfg(feature = "mpi")]
    if ranks.as_ref().is_some_and(|ranks| ranks.served(&stop)) {
        return Ok(true);
    }
    let photos = photos(args)?;
    let mut session = Session::new(args, stop);
    session.complain(photos.failures);
    'all: for repeat in 0..args.options.runs() {
        for &strategy in &strategies {
            let folder = match strategies.len() {
                1 => args.output.clone(),
                _ => args.output.join(strategy.name()),
            };
            let (mut tasks, refused) = files::place(&photos.found, &folder, args.format);
            session.complain(refused);
            // In this order: a shard must not depend on what is done already.
            if let Some(shard) = args.shard {
                tasks = shard.of(tasks);
            }
            if args.resume {
                session.resumed += files::drop_finished(&mut tasks);
            }
            // What a strategy finds there from its run before is its own.
            session.run(strategy, tasks, repeat > 0)?;
            if session.stop.load(Ordering::Relaxed) {
                break 'all;
            }
        }
    }
    session.report.publish(&args.options)?;
    session.conclude()
}

/// The photos to process: those that the user named, or the samples.
fn photos(args: &Args) -> Result<Photos> {
    if !args.input.is_empty() {
        return Ok(files::find(&args.input, &args.output));
    }
    let large = samples::enlarge_into(&args.output.join("samples"), ENLARGED)?;
    let name = |path: &Path, copy| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        PathBuf::from(format!("{stem}-{copy}.jpg"))
    };
    let copies = (1..=REPEATED).flat_map(|copy| large.iter().map(move |path| (path, copy)));
    Ok(Photos {
        found: copies
            .map(|(path, copy)| (path.clone(), name(path, copy)))
            .collect(),
        failures: Vec::new(),
    })
}

/// The flag that Ctrl-C sets: what is under way is finished, nothing more is begun. A second one ends
/// the program at once.
fn stop_on_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(1);
        }
    })
    .context("can't catch Ctrl-C")?;
    Ok(stop)
}

/// The runs of one command, and what there is to say about them.
struct Session<'a> {
    args: &'a Args,
    stop: Arc<AtomicBool>,
    report: Report,
    /// Each strategy's results, if it finished them all.
    finished: Vec<Vec<Task>>,
    complaints: BTreeSet<String>,
    /// Photos that were left out because their results are there.
    resumed: usize,
    /// The sizes of what the last run did.
    total: Done,
}

impl<'a> Session<'a> {
    fn new(args: &'a Args, stop: Arc<AtomicBool>) -> Self {
        Self {
            args,
            stop,
            report: Report::default(),
            finished: Vec::new(),
            complaints: BTreeSet::new(),
            resumed: 0,
            total: Done::default(),
        }
    }

    /// A line on stderr for each, the first time that it is heard of.
    fn complain(&mut self, failures: Vec<(PathBuf, String)>) {
        for (path, cause) in failures {
            // Some causes come with line breaks.
            let cause: Vec<_> = cause.split_whitespace().collect();
            let line = format!("{}: {}", path.display(), cause.join(" "));
            if self.complaints.insert(line.clone()) {
                cli::complain(&format!("error: {line}"));
            }
        }
    }

    /// Runs one strategy and adds it to the report.
    fn run(&mut self, strategy: Strategy, tasks: Vec<Task>, again: bool) -> Result<()> {
        let args = self.args;
        let mut settings = args.settings();
        // The samples' results are the lesson's own, unless it was told where to put them.
        settings.force |= again || (args.input.is_empty() && args.output_is_default());
        let job = Job {
            tasks,
            settings,
            workers: args.options.workers(),
            program: std::env::current_exe().context("this program's own path")?,
            stop: Arc::clone(&self.stop),
            progress: ProgressBar::no_length(),
        };
        show_progress(&job, strategy)?;
        let work = |timeline: &Timeline| strategy.run(&job, timeline);
        let workers = strategy.workers(job.workers);
        let (outcomes, run) = Run::record(&strategy.name(), workers, work);
        job.progress.finish_and_clear();
        let outcomes = outcomes?;
        self.total = outcomes.iter().filter_map(Outcome::done).sum();
        let rate = self.total.pixels as f64 / 1e6 / run.wall.as_secs_f64();
        let done = outcomes.iter().filter_map(Outcome::done).count();
        let words = format!("{done} of {}, {rate:.0} MP/s", outcomes.len());
        self.report.add(run.outcome(words));
        let failed = job
            .tasks
            .iter()
            .zip(&outcomes)
            .filter_map(|(task, outcome)| {
                let Outcome::Failed(cause) = outcome else {
                    return None;
                };
                Some((task.input.clone(), cause.clone()))
            });
        self.complain(failed.collect());
        if done == outcomes.len() {
            self.finished.push(job.tasks);
        }
        Ok(())
    }

    /// Says what is where, and checks what is claimed. Whether all is well.
    fn conclude(&self) -> Result<bool> {
        let Done {
            pixels,
            bytes_in,
            bytes_out,
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
        let mut same = true;
        if let [first, others @ ..] = &self.finished[..] {
            for other in others {
                if let Some(task) = files::first_difference(other, first)? {
                    cli::complain(&format!(
                        "error: {}: not the same bytes",
                        task.output.display()
                    ));
                    same = false;
                }
            }
            if same && !others.is_empty() {
                text += "Compared: every strategy has written the same bytes.\n";
            }
        }
        cli::print(&text)?;
        let stopped = self.stop.load(Ordering::Relaxed);
        if stopped {
            cli::complain("stopped by Ctrl-C: what was finished is kept");
        }
        Ok(same && !stopped && self.complaints.is_empty())
    }
}

fn show_progress(job: &Job, strategy: Strategy) -> Result<()> {
    let style = "{prefix:11} [{bar:40}] {pos}/{len} photos, {eta} left";
    job.progress
        .set_style(ProgressStyle::with_template(style)?.progress_chars("=> "));
    job.progress.set_prefix(strategy.name());
    job.progress.set_length(job.tasks.len() as u64);
    job.progress.enable_steady_tick(Duration::from_millis(100));
    Ok(())
}
