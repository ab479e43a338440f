//! A rule under which nobody starves, whatever the scheduler does.
//!
//! Everybody is always hungry. `may_eat` says whether a seat that is hungry may take both forks,
//! and the checker decides who goes next, as unfairly as it can. Fork `f` lies between the seats
//! `f - 1` and `f`, and `table.turn[f]` is yours: `start` says how it begins, and `after` may
//! change it when a seat has eaten. Nobody may starve, and two seats must be able to eat at the
//! same time.

use super::world::Table;

pub fn start(seats: usize) -> Vec<usize> {
    vec![0; seats]
}

pub fn may_eat(table: &Table, seat: usize) -> bool {
    let (before, behind) = table.neighbours(seat);
    !table.eats[before] && !table.eats[behind]
}

pub fn after(_table: &mut Table, _seat: usize) {}
