//! Locks and condition variables that note what is done with them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

use super::{current, name, note};

thread_local! {
    /// How many locks were made.
    static MADE: Cell<usize> = const { Cell::new(0) };
    /// The thread that holds a lock. No step of the schedule.
    static HELD: RefCell<BTreeMap<usize, usize>> = const { RefCell::new(BTreeMap::new()) };
    /// The lock for which a thread has asked when it was free.
    static ASKED: RefCell<BTreeMap<usize, usize>> = const { RefCell::new(BTreeMap::new()) };
}

/// Begins a schedule.
pub(super) fn begin() {
    MADE.set(0);
    HELD.take();
    ASKED.take();
}

fn holder(lock: usize) -> Option<usize> {
    HELD.with_borrow(|held| held.get(&lock).copied())
}

/// The current thread takes a lock, or gives it back.
fn holds(lock: usize, taken: bool) {
    let Some(thread) = current() else { return };
    HELD.with_borrow_mut(|held| match taken {
        true => held.insert(lock, thread),
        false => held.remove(&lock),
    });
}

/// The current thread asks for a lock that is free, or has what it asked for.
fn asks(lock: Option<usize>) {
    let Some(thread) = current() else { return };
    ASKED.with_borrow_mut(|asked| match lock {
        Some(lock) => asked.insert(thread, lock),
        None => asked.remove(&thread),
    });
}

/// What a lock is called.
fn called(lock: usize) -> String {
    format!("lock {lock}")
}

fn waiting(lock: usize, holder: usize) -> String {
    format!("{}, which {} holds", called(lock), name(holder))
}

/// The end of a deadlock's story: threads that wait for a lock that was free when they asked for
/// it. Then another thread has taken it.
pub(in crate::practise) fn untold() -> Vec<String> {
    let asked = ASKED.with_borrow(BTreeMap::clone);
    let untold = asked.into_iter().filter_map(|(thread, lock)| {
        let waits = waiting(lock, holder(lock)?);
        Some(format!("{} waits for {waits}", name(thread)))
    });
    untold.collect()
}

/// The checker's mutex. It notes "locks" and "unlocks", and "waits for" before it blocks.
#[derive(Debug)]
pub struct Mutex<T> {
    number: usize,
    inner: shuttle::sync::Mutex<T>,
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Mutex<T> {
    /// Returns a lock that nobody holds.
    pub fn new(value: T) -> Self {
        Self {
            number: MADE.replace(MADE.get() + 1),
            inner: shuttle::sync::Mutex::new(value),
        }
    }

    /// Waits until nobody holds the lock, and takes it.
    ///
    /// # Errors
    /// If another thread panicked while holding it.
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        match holder(self.number) {
            Some(holder) => note("waits for", waiting(self.number, holder)),
            // Another thread may be faster.
            None => asks(Some(self.number)),
        }
        let (inner, poisoned) = match self.inner.lock() {
            Ok(inner) => (inner, false),
            Err(error) => (error.into_inner(), true),
        };
        let guard = self.taken(inner);
        match poisoned {
            false => Ok(guard),
            true => Err(PoisonError::new(guard)),
        }
    }

    /// Takes the lock if nobody holds it.
    ///
    /// # Errors
    /// If somebody holds it, or if another thread panicked while holding it.
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match self.inner.try_lock() {
            Ok(inner) => Ok(self.taken(inner)),
            Err(TryLockError::WouldBlock) => {
                note("finds", format!("{self} taken"));
                Err(TryLockError::WouldBlock)
            }
            Err(TryLockError::Poisoned(error)) => Err(TryLockError::Poisoned(PoisonError::new(
                self.taken(error.into_inner()),
            ))),
        }
    }

    fn taken<'a>(&'a self, inner: shuttle::sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        note("locks", self);
        asks(None);
        holds(self.number, true);
        MutexGuard {
            lock: self,
            inner: Some(inner),
        }
    }

    /// Takes the value out.
    ///
    /// # Errors
    /// If a thread panicked while holding the lock.
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T> fmt::Display for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", called(self.number))
    }
}

/// Holds a [`Mutex`] until it is dropped.
#[derive(Debug)]
pub struct MutexGuard<'a, T> {
    lock: &'a Mutex<T>,
    /// None only while the guard is dropped, or waits at a condition variable.
    inner: Option<shuttle::sync::MutexGuard<'a, T>>,
}

impl<T> MutexGuard<'_, T> {
    fn release(&mut self) {
        if self.inner.is_some() {
            holds(self.lock.number, false);
            note("unlocks", self.lock);
        }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.release();
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect("a guard is whole")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("a guard is whole")
    }
}

/// The checker's condition variable. It notes "sleeps", "wakes" and "notifies".
#[derive(Debug, Default)]
pub struct Condvar(crate::proof::Condvar);

impl Condvar {
    /// Returns a condition variable at which nobody waits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Unlocks and waits for a notification, in one step; then locks again.
    ///
    /// # Errors
    /// If another thread panicked while holding the lock.
    pub fn wait<'a, T>(&self, mut guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        note(
            "sleeps",
            format!("until it is notified, and unlocks {}", guard.lock),
        );
        holds(guard.lock.number, false);
        let inner = guard.inner.take().expect("a guard is whole");
        let inner = self.0.wait(inner).unwrap_or_else(PoisonError::into_inner);
        note("wakes", "up");
        Ok(guard.lock.taken(inner))
    }

    /// Waits for a notification while the condition holds.
    ///
    /// # Errors
    /// If another thread panicked while holding the lock.
    pub fn wait_while<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> LockResult<MutexGuard<'a, T>> {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// Wakes up one of the threads that wait.
    pub fn notify_one(&self) {
        note("notifies", "one thread");
        self.0.notify_one();
    }

    /// Wakes up all threads that wait.
    pub fn notify_all(&self) {
        note("notifies", "all threads");
        self.0.notify_all();
    }
}
