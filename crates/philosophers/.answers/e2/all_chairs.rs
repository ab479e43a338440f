//! misconception: with a chair for each seat, the waiter never makes anybody wait, and all can sit
//! with one fork each. One chair less is enough: then one philosopher has a neighbour who does not
//! sit.

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
