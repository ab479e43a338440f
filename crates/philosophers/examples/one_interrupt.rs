//! How much bad luck does a deadlock need? Runs `naive` under a checker: in every order without a
//! preemption, and then in those with one.
//!
//!     cargo run -p philosophers --example one_interrupt

use std::process::ExitCode;

use anyhow::Result;
use timing::cli;
use timing::proof::{Bound, explore};

#[path = "prove_table.rs"]
#[allow(dead_code, unreachable_pub)]
mod prove_table;

// The lesson's files look for each other at the root of their crate.
use prove_table::*;

fn main() -> ExitCode {
    cli::exit_code(count_orders())
}

fn count_orders() -> Result<bool> {
    cli::print("seats  without an interruption             with at most one\n")?;
    for seats in 2..=5 {
        let [none, one] = [0, 1].map(|preemptions| {
            let sitting = Sitting::unmodelled(naive::run, seats);
            let bound = Bound::preemptions(preemptions).first();
            explore(bound, move |story| sitting.once(story))
        });
        cli::print(&format!(
            "{seats:>5}  all {:>6} orders end well          deadlock in order {}\n",
            none.schedules, one.schedules
        ))?;
        if none.failing > 0 || !none.complete || one.failing == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
