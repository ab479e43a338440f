//! misconception: one queue for the whole table is fair, but it lets only one seat eat at a time.
//! Only neighbours are in each other's way, so only neighbours need to take turns.

use super::world::Table;

pub fn start(seats: usize) -> Vec<usize> {
    vec![0; seats]
}

pub fn may_eat(table: &Table, seat: usize) -> bool {
    table.turn[0] == seat
}

pub fn after(table: &mut Table, seat: usize) {
    table.turn[0] = (seat + 1) % table.turn.len();
}
