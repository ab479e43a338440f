//! misconception: the waiter was asked for each fork. Now the chairs are one more thing of which
//! somebody can hold one and wait for another: ask once, for the whole meal.

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
