//! A thread panics while it holds a lock, in the middle of a change. The lock is then *poisoned*:
//! the thread that takes it next is told, and decides what to do.
//!
//!     cargo run -p locks --example poisoning

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::{panic, thread};

use anyhow::Result;
use timing::cli;
use timing::workers::started;

/// The sum of both accounts whenever no thread holds the lock: no money appears or gets lost.
const ALL: i64 = 100;

struct Accounts {
    mine: i64,
    yours: i64,
}

impl Accounts {
    fn pay(&mut self, amount: i64) {
        self.mine -= amount;
        // Between these two lines the money is nowhere.
        assert!(self.mine >= 0, "{amount} are more than there is");
        self.yours += amount;
    }
}

fn main() -> ExitCode {
    cli::exit_code(run())
}

fn run() -> Result<bool> {
    // Silences the panic's own report: the program prints a line about it below.
    panic::set_hook(Box::new(|_| ()));
    let accounts = Arc::new(Mutex::new(Accounts {
        mine: ALL,
        yours: 0,
    }));
    for amount in [30, 200] {
        let shared = Arc::clone(&accounts);
        let pay = move || shared.lock().expect("not poisoned").pay(amount);
        let payer = started("a payer", thread::Builder::new().spawn(pay))?;
        match payer.join() {
            Ok(()) => cli::print(&format!("a thread paid {amount}\n"))?,
            Err(_) => cli::print(&format!("a thread panicked while paying {amount}\n"))?,
        }
    }
    cli::print(&format!("poisoned: {}\n", accounts.is_poisoned()))?;
    // Most programs `unwrap` here and panic, too: then no thread ever sees a half-done change. Code
    // that can repair the change may take the lock all the same:
    let mut found = accounts.lock().unwrap_or_else(PoisonError::into_inner);
    let missing = ALL - found.mine - found.yours;
    cli::print(&format!(
        "found: mine {}, yours {}; {missing} missing\n",
        found.mine, found.yours
    ))?;
    found.mine += missing;
    accounts.clear_poison();
    drop(found);
    let repaired = accounts.lock().map(|found| found.mine + found.yours);
    cli::print(&format!(
        "repaired: {} in all\n",
        repaired.unwrap_or_default()
    ))?;
    Ok(true)
}
