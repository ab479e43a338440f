//! A greedy pair: Aristotle and Hypatia eat without a pause, and one of them always has a fork that
//! Plato, who sits between them, needs. By the monitor's rule he waits for as long as they go on.
//! With forks that are handed over (Chandy-Misra) he gets his turn.
//!
//!     cargo run -p philosophers --example starvation

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use philosophers::pace::{Pace, Round};
use philosophers::{Job, Strategy};
use timing::cli::{self, Options, Report};
use timing::{Look, Run, units};

/// How long a meal takes, and how many of them each greedy philosopher has.
const MEAL: Duration = Duration::from_millis(40);
const MEALS: u64 = 10;

const PLATO: usize = 1;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let mut report = Report::default();
    for strategy in [Strategy::Monitor, Strategy::ChandyMisra] {
        // With four seats the two greedy ones are not neighbours. The fourth philosopher is never
        // hungry.
        let job = Job::new(4, pace());
        let (dinner, run) = Run::record(&cli::name(&strategy), 4, |timeline| {
            strategy.run(&job, timeline)
        });
        let plato = dinner?.plates[PLATO];
        let waited = units::duration(plato.longest_wait);
        report.add(run.outcome(format!("Plato waited {waited}")));
    }
    report.look(Look {
        act: "eats".to_owned(),
        wait: "is hungry, and waits for a fork".to_owned(),
        empty: "thinks, or is done".to_owned(),
        ..Look::default()
    });
    report.publish(&args.options)?;
    Ok(true)
}

/// The greedy ones begin half a meal apart and then never think: one always eats when the other
/// puts the forks back. Plato gets hungry after both have begun.
fn pace() -> Pace {
    Arc::new(|seat, meals| {
        let (first, most) = match seat {
            0 => (Duration::ZERO, MEALS),
            PLATO => (MEAL * 3 / 4, 1),
            2 => (MEAL / 2, MEALS),
            _ => (Duration::ZERO, 0),
        };
        let think = if meals == 0 { first } else { Duration::ZERO };
        let round = Round {
            think,
            eat: MEAL,
            busy: false,
        };
        (meals < most).then_some(round)
    })
}
