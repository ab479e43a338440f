//! misconception: `notify_one` woke up a philosopher that still could not eat, and another one,
//! whose forks were free, slept on. Where threads wait for different things, notify all.

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
    table.changed.notify_one();
}
