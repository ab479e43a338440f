//! misconception: the first account was let go before the second one was locked. No deadlock can
//! come of that, but in between the money is nowhere, and somebody who looks at both sees it gone.

use super::world::Bank;

pub fn transfer(bank: &Bank, from: usize, to: usize, amount: i64) {
    *bank.accounts[from].lock().unwrap() -= amount;
    *bank.accounts[to].lock().unwrap() += amount;
}
