//! A lock that has a name and is watched: before anybody waits for it, it asks if that wait could ever end.

use timing::watch::{Circle, Watch};

use crate::sync::{Mutex, MutexGuard, PoisonError};

/// A lock around nothing: what it protects is up to who uses it.
#[derive(Debug)]
pub struct Watched {
    name: String,
    watch: Watch,
    lock: Mutex<()>,
}

/// The lock is held for as long as this exists.
#[derive(Debug)]
pub struct Held<'a> {
    who: &'a str,
    lock: &'a Watched,
    _guard: MutexGuard<'a, ()>,
}

impl Watched {
    /// A lock that nobody holds.
    pub fn new(name: &str, watch: &Watch) -> Self {
        Self {
            name: name.to_owned(),
            watch: watch.clone(),
            lock: Mutex::new(()),
        }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until nobody else holds it.
    ///
    /// # Errors
    /// If whoever holds it waits, by whatever detour, for something that `who` holds. It does not wait then. Who gets this
    /// must let go of what it holds, so that the others can go on.
    pub fn lock<'a>(&'a self, who: &'a str) -> Result<Held<'a>, Circle> {
        self.watch.wants(who, &self.name)?;
        // Nothing lies behind the lock that a panic could have left half done.
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.watch.has(who, &self.name);
        Ok(Held {
            who,
            lock: self,
            _guard: guard,
        })
    }
}

impl Drop for Held<'_> {
    /// Runs before the guard goes: nobody can have the lock while the watch still says that this one does.
    fn drop(&mut self) {
        self.lock.watch.gives(self.who, &self.lock.name);
    }
}
