//! Money goes from one account to another, and two transfers can wait for each other for ever.
//!
//! `transfer` moves an amount between two accounts, each with a lock of its own. Many threads call
//! it. Every transfer must end, also one from an account to the same account. Nobody may ever see
//! money that is gone or there twice. Transfers between different accounts must be able to happen
//! at the same time; `bank.office` is a lock that nobody needs.

use super::world::Bank;

pub fn transfer(bank: &Bank, from: usize, to: usize, amount: i64) {
    let mut payer = bank.accounts[from].lock().unwrap();
    let mut payee = bank.accounts[to].lock().unwrap();
    *payer -= amount;
    *payee += amount;
}
