//! misconception: everybody takes the fork on the same side first. If all do so at once, each holds
//! one fork and waits for that of the neighbour: a cycle around the table. It does not matter which
//! side it is: at one seat, the other fork has to be taken first.

use super::world::{Table, eat};

pub fn dine(table: &Table, seat: usize) {
    let (left, right) = (seat, (seat + 1) % table.seats());
    let _left = table.fork(left);
    let _right = table.fork(right);
    eat(seat);
}
