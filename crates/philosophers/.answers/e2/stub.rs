//! A waiter lets so few philosophers sit down that one of them can always eat.
//!
//! Everybody takes the left fork first, and that stays so. `chairs(seats)` is the number of
//! philosophers who may sit at a time. `table.sit()` waits for a chair, and returns a guard that
//! holds it. Everybody must eat in every schedule, with both forks in hand. As many philosophers as
//! possible must be able to sit: with five seats, two must be able to eat at the same time.

use super::world::{Table, eat};

pub fn chairs(seats: usize) -> usize {
    seats
}

pub fn dine(table: &Table, seat: usize) {
    let _chair = table.sit();
    let _left = table.fork(seat);
    let _right = table.fork(seat + 1);
    eat(seat);
}
