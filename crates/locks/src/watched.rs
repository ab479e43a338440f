//! A lock with a name that is watched: before a thread waits for it, a wait-for graph says whether
//! that wait could ever end.

use timing::watch::{Circle, Watch};

use crate::sync::{Mutex, MutexGuard, PoisonError};

/// A lock that contains nothing: its users decide what it protects.
#[derive(Debug)]
pub struct Watched {
    name: String,
    watch: Watch,
    lock: Mutex<()>,
}

/// The guard of a [`Watched`] lock: the lock is held until this is dropped.
#[derive(Debug)]
pub struct Held<'a> {
    holder: &'a str,
    lock: &'a Watched,
    _guard: MutexGuard<'a, ()>,
}

impl Watched {
    /// Returns a lock that nobody holds.
    pub fn new(name: &str, watch: &Watch) -> Self {
        Self {
            name: name.to_owned(),
            watch: watch.clone(),
            lock: Mutex::new(()),
        }
    }

    /// The lock's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until nobody else holds the lock, and takes it for `holder`.
    ///
    /// # Errors
    /// If the wait would be a deadlock: the lock's holder waits, perhaps through others, for a lock
    /// that `holder` has. Then there is no wait, and the caller must release what it holds, so that
    /// the others can go on.
    #[track_caller]
    pub fn lock<'a>(&'a self, holder: &'a str) -> Result<Held<'a>, Circle> {
        self.watch.wants(holder, &self.name)?;
        // A poisoned lock is taken all the same: it contains nothing that could be half done.
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.watch.has(holder, &self.name);
        Ok(Held {
            holder,
            lock: self,
            _guard: guard,
        })
    }
}

impl Drop for Held<'_> {
    /// Runs before the guard is dropped: no other thread can take the lock while the graph still
    /// says that this one holds it.
    fn drop(&mut self) {
        self.lock.watch.gives(self.holder, &self.lock.name);
    }
}
