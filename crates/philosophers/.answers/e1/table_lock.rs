//! misconception: a lock for the whole table prevents the cycle, but it lets only one philosopher
//! eat at a time, where half of the table could. An order of the forks is enough.

use super::world::{Table, eat};

pub fn dine(table: &Table, seat: usize) {
    let (left, right) = (seat, (seat + 1) % table.seats());
    let _whole = table.whole.lock().unwrap();
    let _left = table.fork(left);
    let _right = table.fork(right);
    eat(seat);
}
