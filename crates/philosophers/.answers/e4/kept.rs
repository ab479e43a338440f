//! misconception: a seat that has eaten kept its turn at a fork, so the neighbour at this fork can
//! never eat again. After a meal, both turns go to the neighbours.

use super::world::Table;

pub fn start(seats: usize) -> Vec<usize> {
    (0..seats)
        .map(|fork| if fork == 0 { seats - 1 } else { fork })
        .collect()
}

pub fn may_eat(table: &Table, seat: usize) -> bool {
    let (left, right) = table.forks(seat);
    table.turn[left] == seat && table.turn[right] == seat
}

pub fn after(table: &mut Table, seat: usize) {
    let (_, right) = table.forks(seat);
    let (_, behind) = table.neighbours(seat);
    table.turn[right] = behind;
}
