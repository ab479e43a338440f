//! One chair less than seats: then one philosopher who sits has a neighbour who does not.

use super::world::{Table, eat};

pub fn chairs(seats: usize) -> usize {
    seats - 1
}

pub fn dine(table: &Table, seat: usize) {
    let _chair = table.sit();
    let _left = table.fork(seat);
    let _right = table.fork(seat + 1);
    eat(seat);
}
