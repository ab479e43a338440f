//! misconception: a fork was put back before the philosopher ate. Holding one thing at a time can't
//! deadlock, but who eats needs both at the same time: a guard that is not kept holds nothing.

use super::world::{Table, eat};

pub fn dine(table: &Table, seat: usize) {
    let (left, right) = (seat, (seat + 1) % table.seats());
    table.fork(left);
    let _right = table.fork(right);
    eat(seat);
}
