//! The fork with the lower number first: for all but the last seat that is the left one.

use super::world::{Table, eat};

pub fn dine(table: &Table, seat: usize) {
    let (left, right) = (seat, (seat + 1) % table.seats());
    let _first = table.fork(left.min(right));
    let _second = table.fork(left.max(right));
    eat(seat);
}
