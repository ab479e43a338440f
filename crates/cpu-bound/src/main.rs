//! `cargo run -p cpu-bound`: see `--help`, and the README beside this folder.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use cpu_bound::{Job, Strategy, WITHOUT_MPI, Work, child, python};
use timing::cli::{self, Options, Report};
use timing::{Run, Timeline};

/// Work that computes and never waits: what cores can do for it, and what a global interpreter lock takes away.
///
/// With no arguments: every strategy in turn (but for `mpi`, which `mpirun` must start), then the table that compares them and the timelines that show who
/// computed when.
///
/// Exit status: 0 all results are there and agree; 1 something failed; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Who computes [default: every strategy in turn]
    strategies: Vec<Strategy>,

    /// What is computed
    #[arg(long, value_enum, default_value = "countdown")]
    work: Work,

    /// The numbers up to this one are worked on [default: 200000000 for countdown, 4000000 for primes]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    size: Option<u64>,

    /// The countdown in the python3 on the PATH, too: on one thread, and on two
    #[arg(long)]
    python: bool,

    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    child::compute_if_asked();
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
    #[cfg(feature = "mpi")]
    let ranks = match strategies.contains(&Strategy::Mpi) {
        true => Some(cpu_bound::mpi::Ranks::join()?),
        false => None,
    };
    #[cfg(feature = "mpi")]
    if ranks.as_ref().is_some_and(|ranks| !ranks.is_root()) {
        // What the others run and print is rank 0's.
        let ours = strategies.iter().filter(|s| **s == Strategy::Mpi).count();
        for _ in 0..args.options.runs() * ours {
            Strategy::Mpi.run(&job, &Timeline::off())?;
        }
        return Ok(true);
    }
    let mut report = Report::default();
    let mut results = Vec::new();
    let mut well = true;
    for _ in 0..args.options.runs() {
        for strategy in strategies {
            let work = |timeline: &Timeline| strategy.run(&job, timeline);
            let workers = strategy.workers(job.workers);
            let (result, run) = Run::record(&strategy.name(), workers, work);
            let outcome = match result {
                Ok(sum) => {
                    results.push(sum);
                    match job.work {
                        Work::Countdown => sum.to_string(),
                        Work::Primes => format!("{sum} primes"),
                    }
                }
                Err(error) => {
                    cli::complain(&format!("error: {}: {error:#}", strategy.name()));
                    well = false;
                    "failed".to_owned()
                }
            };
            report.add(run.outcome(outcome));
        }
    }
    if args.python {
        well &= with_python(&job, &mut report);
    }
    report.publish(&args.options)?;
    if results.windows(2).any(|pair| pair[0] != pair[1]) {
        cli::complain(&format!("error: the strategies do not agree: {results:?}"));
        well = false;
    }
    Ok(well)
}

/// Adds Python's rows. Having no Python is no failure.
fn with_python(job: &Job, report: &mut Report) -> bool {
    if job.work != Work::Countdown {
        cli::complain("--python has the countdown only: its rows are left out");
        return true;
    }
    if !python::is_there() {
        cli::complain("no python3 on the PATH: its rows are left out");
        return true;
    }
    for (name, workers) in [("python", 1), ("python-threads", 2)] {
        let work = |timeline: &Timeline| python::run(job.size, workers, timeline);
        let (result, run) = Run::record(name, workers, work);
        match result {
            Ok(version) => report.add(run.outcome(format!("Python {version}"))),
            Err(error) => {
                cli::complain(&format!("error: {name}: {error:#}"));
                return false;
            }
        }
    }
    true
}
