//! A forced switch: a holder that was asked waits until the lock has been taken once more.

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
    let taken = state.taken;
    while state.wanted && state.taken == taken {
        state = lock.switched.wait(state).unwrap();
    }
}
