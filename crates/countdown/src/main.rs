//! `cargo run -p countdown`: see `--help`, and the README beside this folder.

use std::collections::HashSet;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser, ValueEnum};
use countdown::{Count, Job, Strategy, child};
use timing::cli::{self, Options, Report};
use timing::{Run, Timeline};

/// The same two counts, five ways: Alice counts down from 5, Bob too, at half the pace.
///
/// With no arguments: every strategy in turn, then the table that compares them and the timelines that show who
/// waited when.
///
/// Exit status: 0 all was counted; 1 something failed; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Who counts [default: every strategy in turn]
    strategies: Vec<Strategy>,

    /// The time between two of Alice's numbers; Bob takes twice as long (the course has 1s)
    #[arg(long, value_name = "DUR", default_value = "200ms", value_parser = delay)]
    tick: Duration,

    /// The number to start from
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    from: u32,

    /// Who counts instead of Alice and Bob, and how long between two numbers; may be repeated
    #[arg(long = "name", value_name = "NAME=DELAY", value_parser = named)]
    names: Vec<(String, Duration)>,

    #[command(flatten)]
    options: Options,
}

fn delay(text: &str) -> Result<Duration, String> {
    let delay = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let known = Duration::from_millis(1)..=Duration::from_secs(3600);
    if known.contains(&delay) {
        Ok(delay)
    } else {
        Err("from 1ms to 1h".to_owned())
    }
}

fn named(text: &str) -> Result<(String, Duration), String> {
    let (name, time) = text
        .rsplit_once('=')
        .ok_or("NAME=DELAY, as in Carol=300ms")?;
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err("a name is at least a character, and all of them can be printed".to_owned());
    }
    Ok((name.to_owned(), delay(time)?))
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
    child::count_if_asked();
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
    // The first line that could not be printed ends the run, but not in the middle of a count.
    let failure = Arc::new(Mutex::new(None));
    let job = Job {
        counts: args.counts(),
        say: {
            let failure = Arc::clone(&failure);
            Arc::new(move |line: &str| {
                // The lock also keeps the lines of different workers apart.
                let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                if failure.is_none() {
                    *failure = cli::print(&format!("{line}\n")).err();
                }
            })
        },
        program: std::env::current_exe().context("this program's own path")?,
    };
    let strategies = match &args.strategies[..] {
        [] => Strategy::value_variants(),
        named => named,
    };
    let mut report = Report::default();
    let mut well = true;
    for _ in 0..args.options.runs() {
        for strategy in strategies {
            let work = |timeline: &Timeline| strategy.run(&job, timeline);
            cli::print(&format!("--- {} ---\n", strategy.name()))?;
            let workers = strategy.workers(job.counts.len());
            let (result, run) = Run::record(&strategy.name(), workers, work);
            if let Some(error) = failure
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
            {
                return Err(error);
            }
            report.add(run.outcome(match &result {
                Ok(()) => format!("{} counted", job.counts.len()),
                Err(_) => "failed".to_owned(),
            }));
            if let Err(error) = result {
                cli::complain(&format!("error: {}: {error:#}", strategy.name()));
                well = false;
            }
        }
    }
    cli::print("\n")?;
    report.publish(&args.options)?;
    Ok(well)
}
