//! Both forks or none: one lock to look and to note, and a way to wait.
//!
//! `take_both` must wait until both forks of the seat lie on the table, and note that they are
//! taken. `put_both` puts them back, and wakes those who wait. `table.taken` says of each fork
//! whether it is taken, and `table.changed` is a condition variable. A philosopher may eat for as
//! long as it likes, and those who are no neighbours must not notice. As it stands, nobody waits.

use super::world::Table;

pub fn take_both(table: &Table, left: usize, right: usize) {
    let mut taken = table.taken.lock().unwrap();
    (taken[left], taken[right]) = (true, true);
}

pub fn put_both(table: &Table, left: usize, right: usize) {
    let mut taken = table.taken.lock().unwrap();
    (taken[left], taken[right]) = (false, false);
}
