//! misconception: a chair was taken for each fork. Now a philosopher can hold a chair and wait for
//! another one, just as with the forks. Take one chair for the whole meal.

use super::world::{Table, eat};

pub fn chairs(seats: usize) -> usize {
    seats - 1
}

pub fn dine(table: &Table, seat: usize) {
    let _for_left = table.sit();
    let _left = table.fork(seat);
    let _for_right = table.sit();
    let _right = table.fork(seat + 1);
    eat(seat);
}
