//! A waiter lets only so many sit down that somebody can always eat.
//!
//! All take the left fork first, and that stays so. `chairs` says how many may sit at a table with
//! so many seats, and `dine` must ask for a chair: `table.sit()` waits for one, and gives a guard.
//! Everybody must eat in every schedule, with both forks in hand, and as many as possible must be
//! able to sit: with five seats, two must be able to eat at the same time.

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
