//! The cure for `deadlock`: both tasks take their locks in the same order. And a warning before it
//! is too late: two tasks that take their locks in opposite orders, but one after the other, both
//! end, and the program says that they were lucky.
//!
//!     cargo run -p locks --example lock_order

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use locks::lock_order::Order;
use locks::two_locks::{self, Interleaving, Plan};
use timing::Run;
use timing::cli::{self, Options, Report};
use timing::watch::Watch;

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
    let mut report = Report::default();
    let mut no_deadlock = true;
    for (name, order, interleaving) in [
        ("same order", Order::Same, Interleaving::Any),
        ("lucky", Order::Opposite, Interleaving::OneAfterTheOther),
    ] {
        cli::print(&format!("--- {name} ---\n"))?;
        let watch = Watch::default();
        let plan = Plan {
            order,
            interleaving,
            work: [2 * args.tick, 5 * args.tick],
            tell: Arc::new(|line| drop(cli::print(&format!("{line}\n")))),
            watch: watch.clone(),
        };
        let (circles, run) = Run::record(name, 2, |timeline| two_locks::run(&plan, timeline));
        no_deadlock &= circles?.is_empty();
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
    Ok(no_deadlock)
}
