//! `cargo run -p locks`: see `--help`, and the README beside this folder.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::{CommandFactory, Parser, ValueEnum};
use locks::{Job, Strategy, Tell, crowd};
use timing::cli::{self, Options, Report};
use timing::{Run, Timeline};

/// One counter, counted up by many threads, eight ways.
///
/// With no arguments: the course's 20 threads, each of which reads the counter, pauses, and writes back one more; by every
/// strategy in turn, then the table that compares them and the timelines that show who held and who waited.
///
/// Exit status: 0 all was counted, or lost as `race` loses it; 1 something failed; 2 wrong arguments.
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

    /// Between reading and writing a thread pauses for no tick or for one (the course has 1s; 0s is no pause)
    #[arg(long, value_name = "DUR", default_value = "50ms", value_parser = tick)]
    tick: Duration,

    /// Makes these pauses repeatable [default: another one each time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Print each reading and writing as soon as it is done; of two at the same time either may be told first
    #[arg(long)]
    story: bool,

    #[command(flatten)]
    options: Options,
}

fn tick(text: &str) -> Result<Duration, String> {
    let tick = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    match tick <= Duration::from_secs(3600) {
        true => Ok(tick),
        false => Err("at most 1h".to_owned()),
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if u64::from(args.threads).checked_mul(args.updates).is_none() {
        let kind = clap::error::ErrorKind::ValueValidation;
        let words = format!(
            "{} threads x {} updates are more than the counter can hold ({})",
            args.threads,
            args.updates,
            u64::MAX
        );
        Args::command().error(kind, words).exit();
    }
    cli::exit_code(run(&args))
}

fn run(args: &Args) -> Result<bool> {
    let story = || -> Tell {
        Arc::new(|line: String| {
            // Whoever stops listening to the story may still want the table.
            let _ = cli::print(&format!("{line}\n"));
        })
    };
    let seed = args.seed.unwrap_or_else(|| fastrand::u16(..).into());
    cli::print(&format!("--seed {seed} repeats the pauses of this run\n"))?;
    let job = Job {
        threads: args.threads.into(),
        updates: args.updates,
        tick: args.tick,
        seed,
        spin: 0,
        shards: args.options.workers(),
        tell: args.story.then(story),
    };
    let strategies = match &args.strategies[..] {
        [] => Strategy::value_variants(),
        named => named,
    };
    let mut report = Report::default();
    let mut well = true;
    for _ in 0..args.options.runs() {
        for strategy in strategies {
            let name = strategy.name();
            cli::print(&format!("--- {name} ---\n"))?;
            let work = |timeline: &Timeline| strategy.run(&job, timeline);
            let (result, run) = Run::record(&name, job.threads, work);
            let counted = match result {
                Ok(counted) => counted,
                Err(error) => {
                    cli::complain(&format!("error: {name}: {error:#}"));
                    report.add(run.outcome("failed"));
                    well = false;
                    continue;
                }
            };
            cli::print(&format!("Final counter value: {}\n", counted.value))?;
            let lost = job.expected() - counted.value;
            let mut outcome = match lost {
                0 => "none lost".to_owned(),
                _ => format!("{lost} of {} lost", job.expected()),
            };
            if let Some(retries) = counted.retries {
                outcome += &format!(", {retries} retries");
            }
            report.add(run.outcome(outcome));
            if lost > 0 && *strategy != Strategy::Race {
                cli::complain(&format!(
                    "error: {name}: {lost} updates were lost, and none should have been"
                ));
                well = false;
            }
        }
    }
    if job.expected() > crowd::DRAWN {
        let most = crowd::DRAWN;
        cli::print(&format!(
            "(Of more than {most} updates the timelines show no waits.)\n"
        ))?;
    }
    cli::print("\n")?;
    report.publish(&args.options)?;
    Ok(well)
}
