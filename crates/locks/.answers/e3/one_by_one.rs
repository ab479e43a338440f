//! misconception: the first account was unlocked before the second one was locked. That can't
//! deadlock, but in between the money is nowhere, and a thread that looks at both accounts sees it
//! missing.

use super::world::Bank;

pub fn transfer(bank: &Bank, from: usize, to: usize, amount: i64) {
    *bank.accounts[from].lock().unwrap() -= amount;
    *bank.accounts[to].lock().unwrap() += amount;
}
