//! A lock that is given to another thread on request, as CPython's interpreter has one.
//!
//! A thread that finds the lock held asks for it (`wanted`), and sleeps until it is freed. `taken`
//! counts how often the lock was taken. As it stands, the thread that frees the lock may take it
//! again at once. Change `release`: if another thread has asked, it must free the lock, and then
//! wait (at `switched`) until another thread has taken it. If none has asked, it must not wait.

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
