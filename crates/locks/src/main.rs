//! `cargo run -p locks`: see `--help`, and the README beside this folder.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use locks::outcome::outcome;
use locks::workers::DRAW_LIMIT;
use locks::{Job, Strategy, Tell};
use timing::cli::{self, Options};

/// Many threads add to one counter, in eight ways.
///
/// With no arguments 20 threads each read the counter, pause, and write back one more. It runs
/// every strategy in turn, prints a table that compares them, and draws a timeline of each.
///
/// Exit status: 0 all updates were counted, or only `race` lost some; 1 something failed; 2 wrong
/// arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The strategies to run [default: every strategy in turn]
    strategies: Vec<Strategy>,

    /// The number of threads
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    threads: u16,

    /// The number of updates of each thread
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    updates: u64,

    /// The length of a tick. Between reading and writing a thread pauses for no tick or for one, at
    /// random (the course has 1s; 0s is no pause)
    #[arg(long, value_name = "DUR", default_value = "50ms", value_parser = cli::duration(Duration::ZERO..=HOUR))]
    tick: Duration,

    /// The seed of the pauses: the same seed repeats them [default: another one each time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Print each reading and writing as soon as it is done; of two at the same time either may be
    /// printed first
    #[arg(long)]
    story: bool,

    #[command(flatten)]
    options: Options,
}

const HOUR: Duration = Duration::from_secs(3600);

fn main() -> ExitCode {
    let args = Args::parse();
    let (threads, updates) = (args.threads, args.updates);
    if u64::from(threads).checked_mul(updates).is_none() {
        let job = format!("{threads} threads x {updates} updates");
        let words = format!("{job} are more than the counter can hold ({})", u64::MAX);
        let error = Args::command().error(ErrorKind::ValueValidation, words);
        error.exit();
    }
    cli::exit_code(run(&args))
}

fn run(args: &Args) -> Result<bool> {
    let seed = args.seed.unwrap_or_else(|| fastrand::u16(..).into());
    cli::print(&format!("--seed {seed} repeats the pauses of this run\n"))?;
    // If the reader of the story is gone, the counting goes on: the table may still be wanted.
    let print: Tell = Arc::new(|line| drop(cli::print(&format!("{line}\n"))));
    let job = Job {
        threads: args.threads.into(),
        updates: args.updates,
        tick: args.tick,
        seed,
        spin: 0,
        shards: args.options.workers(),
        tell: args.story.then_some(print),
    };
    let strategies = cli::chosen(&args.strategies);
    let report = args.options.compare(strategies, |strategy, turn| {
        turn.heading()?;
        let counted = turn.record(job.threads, |timeline| strategy.run(&job, timeline))?;
        cli::print(&format!("Final counter value: {}\n", counted.value))?;
        let (outcome, wrong) = outcome(strategy, &counted, job.expected());
        if let Some(wrong) = wrong {
            turn.complain(&wrong);
        }
        Ok(outcome)
    })?;
    if job.expected() > DRAW_LIMIT {
        cli::print(&format!(
            "(Of more than {DRAW_LIMIT} updates the timelines show no waits.)\n"
        ))?;
    }
    cli::print("\n")?;
    report.publish(&args.options)
}
