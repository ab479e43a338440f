//! Two tasks, two locks, taken in opposite orders: the tasks wait for each other, in every run. The
//! program notices the deadlock, says which task waits for which, and ends.
//!
//!     cargo run -p locks --example deadlock

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use locks::lock_order::Order;
use locks::two_locks::{self, Interleaving, Plan};
use timing::cli::{self, Options, Report};
use timing::watch::Watch;
use timing::{Look, Run};

#[derive(Parser)]
struct Args {
    /// Task 1 works two ticks with its first lock, and task 2 five (the course has 1s)
    #[arg(long, value_name = "DUR", default_value = "100ms", value_parser = cli::duration(Duration::ZERO..=MAX_TICK))]
    tick: Duration,

    #[command(flatten)]
    options: Options,
}

const MAX_TICK: Duration = Duration::from_secs(600);

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let plan = Plan {
        order: Order::Opposite,
        // This makes the deadlock certain.
        interleaving: Interleaving::BothHoldOne,
        work: [2 * args.tick, 5 * args.tick],
        tell: Arc::new(|line| drop(cli::print(&format!("{line}\n")))),
        watch: Watch::default(),
    };
    let (circles, run) = Run::record("deadlock", 2, |timeline| two_locks::run(&plan, timeline));
    let circles = circles?;
    let names: Vec<_> = circles.iter().map(|circle| circle.names()).collect();
    let mut report = Report::default();
    report.add(run.outcome(format!("deadlock: {}", names.join(", "))));
    report.look(Look {
        act: "works: a sleep".to_owned(),
        wait: "waits for the other's lock: for ever, if nothing noticed it".to_owned(),
        ..Look::default()
    });
    cli::print("\n")?;
    report.publish(&args.options)?;
    for circle in &circles {
        report.complain(&format!("deadlock: {circle}"));
    }
    Ok(circles.is_empty())
}
