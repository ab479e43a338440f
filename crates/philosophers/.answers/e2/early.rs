//! misconception: the chair was given back before the philosopher had both forks, and the next one
//! sat down. So all can hold one fork after all. Keep the chair until the meal has ended.

use super::world::{Table, eat};

pub fn chairs(seats: usize) -> usize {
    seats - 1
}

pub fn dine(table: &Table, seat: usize) {
    let chair = table.sit();
    let _left = table.fork(seat);
    drop(chair);
    let _right = table.fork(seat + 1);
    eat(seat);
}
