//! Locks, condition variables and barriers that announce what they are about to do.

use std::fmt::Debug;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

use shuttle::sync::{
    self, BarrierWaitResult, LockResult, PoisonError, TryLockError, TryLockResult,
};

use crate::proof::op::{Place, Verb};
use crate::proof::record;

/// A lock, and the data that it protects.
#[derive(Debug)]
pub struct Mutex<T> {
    inner: sync::Mutex<T>,
    object: usize,
}

/// The guard of a [`Mutex`]: it is held until this is dropped.
#[derive(Debug)]
pub struct MutexGuard<'a, T: Debug> {
    /// `None` while a condition variable has it.
    inner: Option<sync::MutexGuard<'a, T>>,
    object: usize,
    /// Where the lock was taken: a drop has no line of its own.
    taken: Place,
}

/// A value as it is shown. An empty tuple is no value.
fn shown(value: &impl Debug) -> String {
    match format!("{value:?}") {
        unit if unit == "()" => String::new(),
        value => value,
    }
}

impl<T: Debug> Mutex<T> {
    /// Returns a lock that nobody holds.
    pub fn new(value: T) -> Self {
        Self {
            object: record::object("lock", shown(&value)),
            inner: sync::Mutex::new(value),
        }
    }

    /// Waits until nobody else holds the lock, and takes it.
    ///
    /// # Errors
    /// If another thread panicked while holding it.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let at = Location::caller();
        record::begin(Verb::Lock, Some(self.object), "locks {}", at);
        match self.inner.lock() {
            Ok(inner) => Ok(MutexGuard::taken(inner, self.object, at)),
            Err(error) => {
                let inner = error.into_inner();
                Err(PoisonError::new(MutexGuard::taken(inner, self.object, at)))
            }
        }
    }

    /// Takes the lock if nobody holds it now.
    ///
    /// # Errors
    /// If somebody holds it, or another thread panicked while holding it.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let at = Location::caller();
        let text = "takes {} if it is free";
        record::begin(Verb::Other, Some(self.object), text, at);
        match self.inner.try_lock() {
            Ok(inner) => Ok(MutexGuard::taken(inner, self.object, at)),
            Err(TryLockError::WouldBlock) => {
                record::end("it is not");
                Err(TryLockError::WouldBlock)
            }
            Err(TryLockError::Poisoned(error)) => {
                let guard = MutexGuard::taken(error.into_inner(), self.object, at);
                Err(TryLockError::Poisoned(PoisonError::new(guard)))
            }
        }
    }
}

impl<T: Debug + Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<'a, T: Debug> MutexGuard<'a, T> {
    fn taken(inner: sync::MutexGuard<'a, T>, object: usize, taken: Place) -> Self {
        record::holds(object);
        record::end(&shown(&*inner));
        Self {
            inner: Some(inner),
            object,
            taken,
        }
    }
}

impl<T: Debug> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect("it is held")
    }
}

impl<T: Debug> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("it is held")
    }
}

impl<T: Debug> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            record::value(self.object, shown(&*inner));
            record::begin(Verb::Unlock, Some(self.object), "unlocks {}", self.taken);
            drop(inner);
            record::end("");
        }
    }
}

/// A condition variable: a place to wait for a call.
#[derive(Debug)]
pub struct Condvar {
    inner: sync::Condvar,
    object: usize,
}

impl Condvar {
    /// Returns a condition variable at which nobody waits.
    pub fn new() -> Self {
        Self {
            inner: sync::Condvar::new(),
            object: record::object("condition", String::new()),
        }
    }

    /// Releases the lock and waits for a call, in one step; then locks again.
    ///
    /// # Errors
    /// If another thread panicked while holding the lock.
    #[track_caller]
    pub fn wait<'a, T: Debug>(
        &self,
        mut guard: MutexGuard<'a, T>,
    ) -> LockResult<MutexGuard<'a, T>> {
        let (lock, at) = (guard.object, guard.taken);
        let inner = guard.inner.take().expect("it is held");
        record::value(lock, shown(&*inner));
        let text = "unlocks and waits for a call at {}";
        record::begin(
            Verb::Wait(lock),
            Some(self.object),
            text,
            Location::caller(),
        );
        match self.inner.wait(inner) {
            Ok(inner) => Ok(MutexGuard::taken(inner, lock, at)),
            Err(error) => {
                let guard = MutexGuard::taken(error.into_inner(), lock, at);
                Err(PoisonError::new(guard))
            }
        }
    }

    /// Wakes up one of the threads that wait.
    #[track_caller]
    pub fn notify_one(&self) {
        let text = "wakes one that waits at {}";
        record::begin(Verb::Notify, Some(self.object), text, Location::caller());
        self.inner.notify_one();
        record::end("");
    }

    /// Wakes up all threads that wait.
    #[track_caller]
    pub fn notify_all(&self) {
        let text = "wakes all that wait at {}";
        record::begin(Verb::Notify, Some(self.object), text, Location::caller());
        self.inner.notify_all();
        record::end("");
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

/// A place where threads wait for each other.
#[derive(Debug)]
pub struct Barrier {
    inner: sync::Barrier,
    object: usize,
}

impl Barrier {
    /// Returns a barrier that opens when so many threads wait at it.
    pub fn new(threads: usize) -> Self {
        Self {
            inner: sync::Barrier::new(threads),
            object: record::object("barrier", String::new()),
        }
    }

    /// Waits until all have come.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let text = "waits at {}";
        record::begin(Verb::Notify, Some(self.object), text, Location::caller());
        let result = self.inner.wait();
        record::end("");
        result
    }
}
