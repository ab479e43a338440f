//! `cargo run -p countdown`: see `--help`, and the README beside this folder.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};
use countdown::{Count, Job, Strategy, processes};
use timing::cli::{self, Options};

/// How long a worker may wait between two numbers.
const DELAYS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(3600);

/// Two counts, five ways: Alice counts down from 5, and Bob does the same at half the pace.
///
/// With no arguments it runs every strategy in turn, prints a table that compares them, and draws a
/// timeline of each.
///
/// Exit status: 0 everything was counted; 1 something failed; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The strategies to run [default: every strategy in turn]
    strategies: Vec<Strategy>,

    /// The time between two of Alice's numbers; Bob takes twice as long (the course has 1s)
    #[arg(long, value_name = "DUR", default_value = "200ms", value_parser = cli::duration(DELAYS))]
    tick: Duration,

    /// The number to start from
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    from: u32,

    /// A counter instead of Alice and Bob, with the time between its numbers; may be repeated
    #[arg(long = "name", value_name = "NAME=DELAY", value_parser = named)]
    names: Vec<(String, Duration)>,

    #[command(flatten)]
    options: Options,
}

fn named(text: &str) -> Result<(String, Duration), String> {
    let (name, time) = text
        .rsplit_once('=')
        .ok_or("NAME=DELAY, as in Carol=300ms")?;
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err("a name is at least a character, and all of them can be printed".to_owned());
    }
    Ok((name.to_owned(), cli::duration(DELAYS)(time)?))
}

impl Args {
    fn counts(&self) -> Vec<Count> {
        let count = |name: &str, delay| Count {
            name: name.to_owned(),
            from: self.from,
            delay,
        };
        if self.names.is_empty() {
            return vec![count("Alice", self.tick), count("Bob", 2 * self.tick)];
        }
        let named = self.names.iter();
        named.map(|(name, delay)| count(name, *delay)).collect()
    }
}

fn main() -> ExitCode {
    processes::count_if_child();
    let args = Args::parse();
    let mut seen = HashSet::new();
    if let Some((twice, _)) = args.names.iter().find(|(name, _)| !seen.insert(name)) {
        let kind = clap::error::ErrorKind::ArgumentConflict;
        Args::command()
            .error(kind, format!("two counts are named {twice}"))
            .exit();
    }
    cli::exit_code(run(&args))
}

fn run(args: &Args) -> Result<bool> {
    // The first line that can't be printed ends the run, but not in the middle of a count.
    let unprinted = Arc::new(Mutex::new(None));
    let failure = Arc::clone(&unprinted);
    let say = move |line: &str| {
        // The lock also keeps the lines of different workers apart.
        let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.is_none() {
            *failure = cli::print(&format!("{line}\n")).err();
        }
    };
    let job = Job {
        counts: args.counts(),
        say: Arc::new(say),
        program: std::env::current_exe().context("this program's own path")?,
    };
    let strategies = cli::chosen(&args.strategies);
    let report = args.options.compare(strategies, |strategy, turn| {
        turn.heading()?;
        let workers = strategy.workers(job.counts.len());
        let result = turn.record(workers, |timeline| strategy.run(&job, timeline));
        let mut unprinted = unprinted.lock().unwrap_or_else(PoisonError::into_inner);
        unprinted.take().map_or(Ok(()), Err)?;
        result.map(|()| format!("{} counted", job.counts.len()))
    })?;
    cli::print("\n")?;
    report.publish(&args.options)
}
