//! A lock that is given to another thread on request, as CPython's interpreter has one.
//!
//! A thread that finds the lock held asks for it (`wanted`), and sleeps until it is freed. A holder
//! who was asked must not be the next to hold it: after it has freed the lock it waits (`switched`)
//! until another thread has taken it. `taken` counts how often the lock was taken. A holder who was
//! not asked waits for nobody. As it stands, the one who frees the lock may take it again at once.

use super::world::Lock;

pub fn take(lock: &Lock) {
    let mut state = lock.state.lock().unwrap();
    while state.held {
        state.wanted = true;
        state = lock.freed.wait(state).unwrap();
    }
    (state.held, state.wanted) = (true, false);
    state.taken += 1;
    lock.switched.notify_all();
}

pub fn release(lock: &Lock) {
    let mut state = lock.state.lock().unwrap();
    state.held = false;
    lock.freed.notify_one();
}
