//! misconception: after the call, nobody looked again whether the forks are there. All who wait are
//! called, and the first of them takes the forks: the others have to wait on, in a `while`.

use super::world::Table;

pub fn take_both(table: &Table, left: usize, right: usize) {
    let mut taken = table.taken.lock().unwrap();
    if taken[left] || taken[right] {
        taken = table.changed.wait(taken).unwrap();
    }
    (taken[left], taken[right]) = (true, true);
}

pub fn put_both(table: &Table, left: usize, right: usize) {
    let mut taken = table.taken.lock().unwrap();
    (taken[left], taken[right]) = (false, false);
    table.changed.notify_all();
}
