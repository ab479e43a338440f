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

/// One counter, counted up by many threads, eight ways.
///
/// With no arguments: the course's 20 threads, each of which reads the counter, pauses, and writes
/// back one more; by every strategy in turn, then the table that compares them and the timelines
/// that show who held and who waited.
///
/// Exit status: 0 all was counted, or lost as `race` loses it; 1 something failed; 2 wrong
/// arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// How to share the counter [default: every strategy in turn]
    strategies: Vec<Strategy>,

    /// How many threads count
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    threads: u16,

    /// How often each of them counts up by one
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    updates: u64,

    /// Between reading and writing a thread pauses for no tick or for one (the course has 1s; 0s is
    /// no pause)
    #[arg(long, value_name = "DUR", default_value = "50ms", value_parser = cli::duration(Duration::ZERO..=HOUR))]
    tick: Duration,

    /// Makes these pauses repeatable [default: another one each time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Print each reading and writing as soon as it is done; of two at the same time either may be
    /// told first
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
