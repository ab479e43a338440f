//! A rule under which nobody starves, whatever the scheduler does.
//!
//! All seats are always hungry. `may_eat` says whether a seat may take both forks now, and the
//! checker chooses the seat that goes next, as unfairly as it can. `table.forks(seat)` returns the
//! left and the right fork of a seat: fork `f` lies between the seats `f - 1` and `f`. For each
//! fork, `table.turn` has a number, and its meaning is yours. `start` returns the numbers at the
//! start, and `after` may change them when a seat has eaten. Nobody may starve, and two seats must
//! be able to eat at the same time.

use super::world::Table;

pub fn start(seats: usize) -> Vec<usize> {
    vec![0; seats]
}

pub fn may_eat(table: &Table, seat: usize) -> bool {
    let (before, behind) = table.neighbours(seat);
    !table.eats[before] && !table.eats[behind]
}

pub fn after(_table: &mut Table, _seat: usize) {}
