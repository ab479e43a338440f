//! Money goes from one account to another, and two transfers can wait for each other for ever.
//!
//! `transfer` moves an amount between two accounts, each of which has its own lock. Many threads
//! call it. Every transfer must end, also one from an account to itself. A thread that looks at
//! both accounts must never see money missing, or there twice. Transfers between different accounts
//! must be able to happen at the same time. (`bank.office` is one lock for the whole bank. A right
//! answer does not need it.)

use super::world::Bank;

pub fn transfer(bank: &Bank, from: usize, to: usize, amount: i64) {
    let mut payer = bank.accounts[from].lock().unwrap();
    let mut payee = bank.accounts[to].lock().unwrap();
    *payer -= amount;
    *payee += amount;
}
