//! A thread panics while it holds a lock, in the middle of a change. The lock is *poisoned*: whoever takes it next is told,
//! and decides.
//!
//!     cargo run -p locks --example poisoning

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::{panic, thread};

use anyhow::Result;
use timing::cli;

/// What must hold whenever nobody has the lock: nothing appears, and nothing gets lost.
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
    // Only so that the panic is a line among the others here, not a report of its own.
    panic::set_hook(Box::new(|_| ()));
    let accounts = Arc::new(Mutex::new(Accounts {
        mine: ALL,
        yours: 0,
    }));
    for amount in [30, 200] {
        let shared = Arc::clone(&accounts);
        let payer = thread::spawn(move || shared.lock().expect("not poisoned").pay(amount));
        match payer.join() {
            Ok(()) => cli::print(&format!("a thread paid {amount}\n"))?,
            Err(_) => cli::print(&format!("a thread panicked while paying {amount}\n"))?,
        }
    }
    cli::print(&format!("poisoned: {}\n", accounts.is_poisoned()))?;
    // Most programs `unwrap` here, and go down with the thread: then nobody ever sees a half-done change. Who knows how to repair
    // it may look all the same:
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
