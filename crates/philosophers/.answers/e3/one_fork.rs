//! misconception: a philosopher did not wait, though one of its forks was taken. As long as either
//! of the two is taken, both have to stay on the table: the condition is an "or".

use super::world::Table;

pub fn take_both(table: &Table, left: usize, right: usize) {
    let mut taken = table.taken.lock().unwrap();
    while taken[left] && taken[right] {
        taken = table.changed.wait(taken).unwrap();
    }
    (taken[left], taken[right]) = (true, true);
}

pub fn put_both(table: &Table, left: usize, right: usize) {
    let mut taken = table.taken.lock().unwrap();
    (taken[left], taken[right]) = (false, false);
    table.changed.notify_all();
}
