//! misconception: the order of the two locks depends on the direction of the transfer. Two
//! transfers in opposite directions each hold one lock and wait for the other: a deadlock. Take the
//! locks in an order that is the same for all.

use super::world::Bank;

pub fn transfer(bank: &Bank, from: usize, to: usize, amount: i64) {
    if from == to {
        return;
    }
    let mut payee = bank.accounts[to].lock().unwrap();
    *payee += amount;
    *bank.accounts[from].lock().unwrap() -= amount;
}
