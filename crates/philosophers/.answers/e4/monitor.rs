//! misconception: the forks are free again and again, and that is not enough: two neighbours who
//! eat in turns leave no moment in which both forks of the seat between them are free. A rule must
//! remember who has eaten.

use super::world::Table;

pub fn start(seats: usize) -> Vec<usize> {
    vec![0; seats]
}

pub fn may_eat(table: &Table, seat: usize) -> bool {
    let (before, behind) = table.neighbours(seat);
    !(table.eats[before] || table.eats[behind])
}

pub fn after(table: &mut Table, seat: usize) {
    table.turn[0] = seat;
}
