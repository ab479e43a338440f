//! misconception: the lock was freed after the notification. The thread that woke up found it held
//! and went to sleep again, and there is no second notification. First the change, then the
//! notification.

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
    lock.freed.notify_one();
    let mut state = lock.state.lock().unwrap();
    state.held = false;
    let taken = state.taken;
    while state.wanted && state.taken == taken {
        state = lock.switched.wait(state).unwrap();
    }
}
