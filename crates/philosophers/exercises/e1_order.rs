//! Everybody takes the right fork first, and all can starve with one fork in the hand.
//!
//! Each philosopher is a thread that calls `dine` for its seat. It must eat once, with both forks
//! in hand, in every schedule. Two who do not sit side by side must be able to eat at the same
//! time; `table.whole` is a lock that nobody needs. `table.fork(n)` takes fork n, and waits until
//! it is free.

use super::world::{Table, eat};

pub fn dine(table: &Table, seat: usize) {
    let (left, right) = (seat, (seat + 1) % table.seats());
    let _right = table.fork(right);
    let _left = table.fork(left);
    eat(seat);
}
