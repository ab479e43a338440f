//! misconception: to free a lock and to notify a thread does not give the lock to that thread.
//! Before it has woken up, the thread that freed the lock can take it again: wait until another
//! thread has taken it.

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
    lock.state.lock().unwrap().held = false;
    lock.freed.notify_all();
}
