//! misconception: at the start each seat has the turn at one of its forks, and waits for the turn
//! at the other one: a cycle, and nobody ever eats. At least one seat has to begin with both.

use super::world::Table;

pub fn start(seats: usize) -> Vec<usize> {
    (0..seats).collect()
}

pub fn may_eat(table: &Table, seat: usize) -> bool {
    let (left, right) = table.forks(seat);
    table.turn[left] == seat && table.turn[right] == seat
}

pub fn after(table: &mut Table, seat: usize) {
    let (left, right) = table.forks(seat);
    let (before, behind) = table.neighbours(seat);
    (table.turn[left], table.turn[right]) = (before, behind);
}
