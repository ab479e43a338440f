//! misconception: fewer chairs are not safer. With one chair less than seats nobody can be stuck,
//! and each further chair that is missing lets somebody wait for nothing.

use super::world::{Table, eat};

pub fn chairs(_seats: usize) -> usize {
    1
}

pub fn dine(table: &Table, seat: usize) {
    let _chair = table.sit();
    let _left = table.fork(seat);
    let _right = table.fork(seat + 1);
    eat(seat);
}
