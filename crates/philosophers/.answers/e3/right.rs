//! Look again after each notification, and notify all: only the philosophers that wait know whether
//! these are their forks.

use super::world::Table;

pub fn take_both(table: &Table, left: usize, right: usize) {
    let mut taken = table.taken.lock().unwrap();
    while taken[left] || taken[right] {
        taken = table.changed.wait(taken).unwrap();
    }
    (taken[left], taken[right]) = (true, true);
}

pub fn put_both(table: &Table, left: usize, right: usize) {
    let mut taken = table.taken.lock().unwrap();
    (taken[left], taken[right]) = (false, false);
    table.changed.notify_all();
}
