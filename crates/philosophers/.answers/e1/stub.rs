//! Everybody takes the right fork first, and all can starve with one fork in hand.
//!
//! Each philosopher is a thread that calls `dine` for its seat. It must eat once, with both forks
//! in hand, in every schedule. Two philosophers who are no neighbours must be able to eat at the
//! same time. `table.fork(n)` waits until fork n is free, and returns a guard that holds it.
//! (`table.whole` is one lock for the whole table. A right answer does not need it.)

use super::world::{Table, eat};

pub fn dine(table: &Table, seat: usize) {
    let (left, right) = (seat, (seat + 1) % table.seats());
    let _right = table.fork(right);
    let _left = table.fork(left);
    eat(seat);
}
