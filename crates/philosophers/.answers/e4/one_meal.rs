//! misconception: at the start all turns but one point in the same direction. So one meal goes
//! round the table, from neighbour to neighbour, and there are never two at a time. Let every
//! second seat begin.

use super::world::Table;

pub fn start(seats: usize) -> Vec<usize> {
    // Fork 0 is the only one whose turn is with the seat before it.
    (0..seats)
        .map(|fork| if fork == 0 { seats - 1 } else { fork })
        .collect()
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
