//! misconception: after the notification, the thread did not look again whether the lock is free. A
//! third thread was faster, and now two hold it. Wait in a `while`.

use super::world::Lock;

pub fn take(lock: &Lock) {
    let mut state = lock.state.lock().unwrap();
    if state.held {
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
