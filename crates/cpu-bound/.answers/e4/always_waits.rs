//! misconception: the thread that freed the lock waited for a successor, though no thread had asked
//! for the lock. Then perhaps none ever comes: wait only if the lock is `wanted`.

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
    while state.taken == taken {
        state = lock.switched.wait(state).unwrap();
    }
}
