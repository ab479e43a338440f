//! Each fork knows whose turn it is, and a seat that has eaten passes the turn on. Every second
//! seat begins.

use super::world::Table;

pub fn start(seats: usize) -> Vec<usize> {
    // The even one of the two seats at a fork.
    (0..seats).map(|fork| fork - fork % 2).collect()
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
