//! All transfers take their two locks in one order, here that of the accounts' numbers.

use super::world::Bank;

pub fn transfer(bank: &Bank, from: usize, to: usize, amount: i64) {
    if from == to {
        return;
    }
    let mut first = bank.accounts[from.min(to)].lock().unwrap();
    let mut second = bank.accounts[from.max(to)].lock().unwrap();
    let sign = if from < to { 1 } else { -1 };
    *first -= sign * amount;
    *second += sign * amount;
}
