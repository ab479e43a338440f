//! Transfers end, are complete, are never seen half done, and can happen at the same time.

use std::collections::BTreeMap;

use timing::practise::schedules::Schedules;
use timing::practise::{Judgement, misconception};
use world::{Arc, Bank, notes, threads};

pub mod world {
    pub use timing::practise::world::*;

    /// Four accounts with 100 each, and a lock for all of them.
    pub struct Bank {
        pub accounts: [Mutex<i64>; 4],
        pub office: Mutex<()>,
    }

    impl Bank {
        pub fn new() -> Self {
            Self {
                accounts: [100; 4].map(Mutex::new),
                office: Mutex::new(()),
            }
        }

        pub fn balances(&self) -> [i64; 4] {
            [0, 1, 2, 3].map(|number| *self.accounts[number].lock().unwrap())
        }
    }
}

type Transfer = fn(&Bank, usize, usize, i64);

pub fn check(transfer: Transfer) -> Judgement {
    let schedules = Schedules::preemptions(2);
    let known = |source| misconception(source);
    let scope = schedules
        .clone()
        .stuck(known(timing::known!(e3, from_first)))
        .always(move || {
            let balances = run(transfer, [(0, 1, 10), (1, 0, 5)]);
            let gave_up = notes().iter().any(|note| note.verb == "finds");
            match balances {
                [95, 105, 100, 100] => Ok(()),
                _ if gave_up => Err(misconception(timing::known!(e3, gives_up))),
                _ => Err(format!(
                    "10 from account 0 to 1 and 5 back leave the balances {balances:?}, and not \
                     [95, 105, 100, 100]."
                )),
            }
        })?;
    schedules.always(move || seen_whole(transfer))?;
    schedules
        .clone()
        .stuck(known(timing::known!(e3, to_itself)))
        .always(move || match run(transfer, [(2, 2, 10), (3, 3, 10)]) {
            [100, 100, 100, 100] => Ok(()),
            balances => Err(format!(
                "10 from account 2 to account 2 leave the balances {balances:?}."
            )),
        })?;
    schedules.sometimes(known(timing::known!(e3, office)), move || {
        run(transfer, [(0, 1, 10), (2, 3, 10)]);
        two_hold_accounts()
    })?;
    Ok(scope)
}

/// Makes two transfers at the same time.
fn run(transfer: Transfer, both: [(usize, usize, i64); 2]) -> [i64; 4] {
    let bank = Arc::new(Bank::new());
    let theirs = Arc::clone(&bank);
    threads(2, move |number| {
        let (from, to, amount) = both[number];
        transfer(&theirs, from, to, amount);
    });
    bank.balances()
}

/// One thread makes a transfer, and another one counts the money in both accounts.
fn seen_whole(transfer: Transfer) -> Result<(), String> {
    let bank = Arc::new(Bank::new());
    let seen = Arc::new(std::sync::Mutex::new(200));
    let (theirs, sum) = (Arc::clone(&bank), Arc::clone(&seen));
    threads(2, move |number| {
        if number == 0 {
            transfer(&theirs, 0, 1, 10);
        } else {
            // Without waiting for the second: the transfer may take the locks in either order.
            let first = theirs.accounts[0].lock().unwrap();
            if let Ok(second) = theirs.accounts[1].try_lock() {
                *sum.lock().unwrap() = *first + *second;
            }
        }
    });
    match *seen.lock().unwrap() {
        200 => Ok(()),
        _ => Err(misconception(timing::known!(e3, one_by_one))),
    }
}

/// Whether two threads held locks of accounts at the same time. The locks of the accounts are the
/// first four.
fn two_hold_accounts() -> bool {
    let mut held: BTreeMap<usize, i32> = BTreeMap::new();
    notes().iter().any(|note| {
        let change = match note.verb {
            "locks" if note.what != "lock 4" => 1,
            "unlocks" if note.what != "lock 4" => -1,
            _ => 0,
        };
        *held.entry(note.thread).or_default() += change;
        held.values().filter(|locks| **locks > 0).count() > 1
    })
}
