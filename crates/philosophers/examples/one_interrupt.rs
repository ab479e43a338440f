//! How much bad luck does a deadlock need? `naive` under a checker: in every order in which nobody is interrupted, and then in those with one
//! interruption.
//!
//!     cargo run -p philosophers --example one_interrupt

use std::process::ExitCode;

use anyhow::Result;
use timing::cli;
use timing::proof::Bound;

#[path = "prove_table.rs"]
#[allow(dead_code, unreachable_pub)]
mod prove_table;

// The mounted files look for these at the root of their crate.
use prove_table::{
    Claim, Dine, Job, Tell, dine, fork, naive, name, outcome, rule, seat, sync, waiter,
};

fn main() -> ExitCode {
    cli::exit_code(run())
}

fn run() -> Result<bool> {
    cli::print("seats  without an interruption             with at most one\n")?;
    for seats in 2..=5 {
        let [none, one] = [0, 1].map(|preemptions| {
            let claim = Claim {
                text: String::new(),
                holds: preemptions == 0,
                bound: Bound::preemptions(preemptions).first(),
                dinner: Dine { seats, meals: 1 },
                run: naive::run,
                model: None,
                tries: None,
            };
            claim.explore().1
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
