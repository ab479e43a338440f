//! `cargo run -p cpu-bound`: see `--help`, and the README beside this folder.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use cpu_bound::{Job, Strategy, WITHOUT_MPI, Work, processes, python};
use timing::cli::{self, Options};

/// Work that computes and never waits: several cores make it faster, and a global interpreter lock
/// prevents that.
///
/// With no arguments it runs every strategy in turn (except `mpi`, which `mpirun` must start),
/// prints a table that compares them, and draws a timeline of each.
///
/// Exit status: 0 all results are there and agree; 1 something failed; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The strategies to run [default: every strategy in turn]
    strategies: Vec<Strategy>,

    /// The work
    #[arg(long, value_enum, default_value = "countdown")]
    work: Work,

    /// The largest number [default: 200000000 for countdown, 4000000 for primes]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    size: Option<u64>,

    /// Also run the countdown in the Python on the PATH, on one thread and on two
    #[arg(long)]
    python: bool,

    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    processes::compute_if_child();
    let args = Args::parse();
    if !cfg!(feature = "mpi") && args.strategies.contains(&Strategy::Mpi) {
        let why = format!("mpi: {WITHOUT_MPI}");
        Args::command().error(ErrorKind::InvalidValue, why).exit();
    }
    cli::exit_code(run(&args))
}

fn run(args: &Args) -> Result<bool> {
    let job = Job {
        work: args.work,
        size: args.size.unwrap_or(args.work.default_size()),
        workers: args.options.workers(),
        program: std::env::current_exe().context("this program's own path")?,
    };
    let strategies = match &args.strategies[..] {
        [] => &Strategy::IN_TURN,
        named => named,
    };
    // Before the other ranks wait for this one.
    args.options.check(strategies)?;
    #[cfg(feature = "mpi")]
    let ranks = match strategies.contains(&Strategy::Mpi) {
        true => Some(cpu_bound::mpi::Ranks::join()?),
        false => None,
    };
    #[cfg(feature = "mpi")]
    if let Some(ranks) = &ranks {
        let ours = strategies.iter().filter(|s| **s == Strategy::Mpi).count();
        if ranks.served(&job, args.options.runs() * ours)? {
            return Ok(true);
        }
    }
    let mut results = Vec::new();
    let mut report = args.options.compare(strategies, |strategy, turn| {
        let workers = strategy.workers(job.workers);
        let sum = turn.record(workers, |timeline| strategy.run(&job, timeline))?;
        results.push(sum);
        Ok(match job.work {
            Work::Countdown => sum.to_string(),
            Work::Primes => format!("{sum} primes"),
        })
    })?;
    if args.python {
        python::compare(&job, &mut report);
    }
    if results.windows(2).any(|pair| pair[0] != pair[1]) {
        report.complain(&format!("the strategies do not agree: {results:?}"));
    }
    report.publish(&args.options)
}
