//! misconception: a philosopher who found the second fork taken gave up, and never ate. `try_fork`
//! does not wait. A philosopher who gives up has to begin again, and may have to do so for ever.

use super::world::{Table, eat};

pub fn dine(table: &Table, seat: usize) {
    let (left, right) = (seat, (seat + 1) % table.seats());
    let _left = table.fork(left);
    if let Some(_right) = table.try_fork(right) {
        eat(seat);
    }
}
