//! misconception: one lock around everything is safe, but then transfers wait for each other that
//! have no account in common.

use super::world::Bank;

pub fn transfer(bank: &Bank, from: usize, to: usize, amount: i64) {
    if from == to {
        return;
    }
    let _only_one = bank.office.lock().unwrap();
    let mut payer = bank.accounts[from.min(to)].lock().unwrap();
    let mut payee = bank.accounts[from.max(to)].lock().unwrap();
    let sign = if from < to { 1 } else { -1 };
    *payer -= sign * amount;
    *payee += sign * amount;
}
