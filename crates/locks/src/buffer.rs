//! A bounded buffer: a queue with limited room between producers and consumers. It has two
//! condition variables, one for each side to wait at.

use std::collections::VecDeque;

use crate::sync::{Condvar, Mutex, MutexGuard};

/// A queue that holds at most `room` items.
#[derive(Debug)]
pub struct Buffer<T> {
    room: usize,
    queue: Mutex<VecDeque<T>>,
    not_empty: Condvar,
    not_full: Condvar,
}

impl<T> Buffer<T> {
    /// Returns an empty buffer.
    ///
    /// # Panics
    /// If there is no room at all: no item could ever be put into it.
    pub fn new(room: usize) -> Self {
        assert!(room > 0, "a buffer has room for one at least");
        Self {
            room,
            queue: Mutex::new(VecDeque::new()),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        }
    }

    /// Waits until there is room, and appends an item.
    ///
    /// # Panics
    /// If another thread panicked while holding the lock.
    pub fn put(&self, item: T) {
        let mut queue = self.lock();
        while queue.len() == self.room {
            queue = self
                .not_full
                .wait(queue)
                .expect("no other thread panicked while holding it");
        }
        queue.push_back(item);
        self.not_empty.notify_one();
    }

    /// Waits until there is an item, and removes the oldest.
    ///
    /// # Panics
    /// If another thread panicked while holding the lock.
    pub fn take(&self) -> T {
        let mut queue = self.lock();
        loop {
            if let Some(item) = queue.pop_front() {
                self.not_full.notify_one();
                return item;
            }
            queue = self
                .not_empty
                .wait(queue)
                .expect("no other thread panicked while holding it");
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.queue
            .lock()
            .expect("no other thread panicked while holding it")
    }
}
