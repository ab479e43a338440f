//! A bounded buffer: a queue with room for so many, between who makes and who uses. Two condition variables, one for each
//! side to wait at.

use std::collections::VecDeque;

use crate::sync::{Condvar, Mutex};

/// A queue with room for `room` things.
#[derive(Debug)]
pub struct Buffer<T> {
    room: usize,
    queue: Mutex<VecDeque<T>>,
    not_empty: Condvar,
    not_full: Condvar,
}

impl<T> Buffer<T> {
    /// An empty one.
    ///
    /// # Panics
    /// If it would have no room: nobody could ever put anything in.
    pub fn new(room: usize) -> Self {
        assert!(room > 0, "a buffer has room for one at least");
        Self {
            room,
            queue: Mutex::new(VecDeque::new()),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        }
    }

    /// Puts one in, as soon as there is room.
    ///
    /// # Panics
    /// If somebody panicked while holding the lock.
    pub fn put(&self, thing: T) {
        let mut queue = self
            .queue
            .lock()
            .expect("no other thread panicked while holding it");
        while queue.len() == self.room {
            queue = self
                .not_full
                .wait(queue)
                .expect("no other thread panicked while holding it");
        }
        queue.push_back(thing);
        self.not_empty.notify_one();
    }

    /// Takes the oldest, as soon as there is one.
    ///
    /// # Panics
    /// If somebody panicked while holding the lock.
    pub fn take(&self) -> T {
        let mut queue = self
            .queue
            .lock()
            .expect("no other thread panicked while holding it");
        loop {
            if let Some(thing) = queue.pop_front() {
                self.not_full.notify_one();
                return thing;
            }
            queue = self
                .not_empty
                .wait(queue)
                .expect("no other thread panicked while holding it");
        }
    }
}
