//! misconception: a wait at a condition variable may end without a notification (a spurious
//! wake-up). So look again after each wait: wait in a `while`, here too.

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
    if state.wanted && state.taken == taken {
        drop(lock.switched.wait(state).unwrap());
    }
}
