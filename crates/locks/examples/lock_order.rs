//! The cure for `deadlock`: all take their locks in one order. And a warning before it is too late: two tasks that take
//! them in opposite orders, but never at the same time, end well, and are told that it was luck.
//!
//!     cargo run -p locks --example lock_order

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use locks::two_locks::{self, Meeting, Order, Plan};
use timing::Run;
use timing::cli::{self, Options, Report};
use timing::watch::Watch;

#[derive(Parser)]
struct Args {
    /// Task 1 works two ticks with its first lock, and task 2 five (the course has 1s)
    #[arg(long, value_name = "DUR", default_value = "100ms", value_parser = tick)]
    tick: Duration,

    #[command(flatten)]
    options: Options,
}

fn tick(text: &str) -> Result<Duration, String> {
    let tick = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    match tick <= Duration::from_secs(600) {
        true => Ok(tick),
        false => Err("at most 10m".to_owned()),
    }
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let mut report = Report::default();
    let mut well = true;
    for (name, order, meeting) in [
        ("same order", Order::Same, Meeting::Chance),
        ("lucky", Order::Opposite, Meeting::Never),
    ] {
        cli::print(&format!("--- {name} ---\n"))?;
        let watch = Watch::default();
        let plan = Plan {
            order,
            meeting,
            work: [2 * args.tick, 5 * args.tick],
            tell: Arc::new(|line| drop(cli::print(&format!("{line}\n")))),
            watch: watch.clone(),
        };
        let (circles, run) = Run::record(name, 2, |timeline| two_locks::run(&plan, timeline));
        well &= circles?.is_empty();
        let inversions = watch.inversions();
        for inversion in &inversions {
            cli::print(&format!(
                "warning: this may deadlock another time: {inversion}\n"
            ))?;
        }
        report.add(run.outcome(match inversions.len() {
            0 => "both done",
            _ => "both done, by luck",
        }));
    }
    cli::print("\n")?;
    report.publish(&args.options)?;
    Ok(well)
}
