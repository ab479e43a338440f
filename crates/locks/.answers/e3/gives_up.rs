//! misconception: `try_lock` does not wait, and a transfer that found an account locked was never
//! made. A transfer that gives up has to try again.

use super::world::Bank;

pub fn transfer(bank: &Bank, from: usize, to: usize, amount: i64) {
    if from == to {
        return;
    }
    let mut payer = bank.accounts[from].lock().unwrap();
    if let Ok(mut payee) = bank.accounts[to].try_lock() {
        *payer -= amount;
        *payee += amount;
    }
}
