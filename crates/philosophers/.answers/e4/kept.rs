//! misconception: who has eaten kept a turn, so the neighbour there can never eat again. Both turns
//! go to the neighbours, each of whom shares one fork.

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
