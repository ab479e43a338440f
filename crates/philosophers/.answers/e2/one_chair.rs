//! misconception: fewer chairs are not safer. With one chair less than seats there is no deadlock,
//! and with fewer chairs than that, philosophers wait without need.

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
