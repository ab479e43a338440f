//! misconception: a fork was put back before the philosopher ate. To hold one fork at a time can't
//! deadlock, but eating takes both at the same time. A fork is held only as long as its guard is
//! kept.

use super::world::{Table, eat};

pub fn dine(table: &Table, seat: usize) {
    let (left, right) = (seat, (seat + 1) % table.seats());
    table.fork(left);
    let _right = table.fork(right);
    eat(seat);
}
