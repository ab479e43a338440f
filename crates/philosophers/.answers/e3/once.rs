//! misconception: after the notification, a philosopher did not look again whether both forks are
//! free. All that wait are woken up, and the first of them takes the forks. The others have to go
//! on waiting, in a `while`.

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
