//! Take both forks or none, with one lock and one condition variable.
//!
//! `take_both` must wait until both forks of the seat lie on the table, and then note that they are
//! taken. `put_both` puts them back, and notifies the philosophers that wait. `table.taken` says
//! for each fork whether it is taken, and `table.changed` is a condition variable. A philosopher
//! may eat for a long time, and only its neighbours may have to wait for that. As it stands, nobody
//! waits.

use super::world::Table;

pub fn take_both(table: &Table, left: usize, right: usize) {
    let mut taken = table.taken.lock().unwrap();
    (taken[left], taken[right]) = (true, true);
}

pub fn put_both(table: &Table, left: usize, right: usize) {
    let mut taken = table.taken.lock().unwrap();
    (taken[left], taken[right]) = (false, false);
}
