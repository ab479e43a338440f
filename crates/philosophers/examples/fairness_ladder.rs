//! Each rule as a small model, and all states that it can come to: which rule deadlocks, which one
//! has a livelock, which one starves somebody, and under which promise of the scheduler. (The last
//! row has nearly two million states, and takes a minute.)
//!
//!     cargo run -p philosophers --example fairness_ladder

use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use philosophers::Strategy;
use timing::cli;

fn main() -> ExitCode {
    cli::exit_code(run())
}

fn run() -> Result<bool> {
    let word = |is: bool| if is { "yes" } else { "no" };
    cli::print("                                        starvation under fairness that is\n")?;
    cli::print("rule          seats  states  deadlock  livelock  weak  strong\n")?;
    for strategy in Strategy::value_variants() {
        let (_, model) = strategy.rule();
        for seats in 2..=5 {
            let verdict = model.check(seats);
            let [deadlock, livelock, weak, strong] = verdict.answers().map(word);
            cli::print(&format!(
                "{:<13} {seats:>5} {:>7}  {deadlock:<8}  {livelock:<8}  {weak:<4}  {strong}\n",
                cli::name(strategy),
                verdict.states,
            ))?;
        }
    }
    Ok(true)
}
