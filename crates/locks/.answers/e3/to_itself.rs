//! misconception: from an account to the same account, the lock was taken a second time by the
//! thread that held it. A `Mutex` does not know its holder: that thread waits for itself for ever.

use super::world::Bank;

pub fn transfer(bank: &Bank, from: usize, to: usize, amount: i64) {
    let mut first = bank.accounts[from.min(to)].lock().unwrap();
    let mut second = bank.accounts[from.max(to)].lock().unwrap();
    let sign = if from < to { 1 } else { -1 };
    *first -= sign * amount;
    *second += sign * amount;
}
