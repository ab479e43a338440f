//! What the code of an exercise finds in the place of `std::sync` and `std::thread`: the checker's,
//! which note who did what.
//!
//! The notes of a schedule are what a check looks at, to tell one wrong answer from another, and
//! they are the story that the student reads. A note is no step of the schedule.
//!
//! [`proof::world`](crate::proof::world) looks alike, and is for stepping: it announces an operation
//! before it happens, with its line and with the value in the lock, which has to be `Debug`. A note
//! says what has happened, in words that a check compares. If one were built on the other, each
//! operation would be told twice, and shuttle's own calls are all that the two would share.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

use crate::proof::Story;

pub use crate::proof::{moment, spuriously};
pub use shuttle::sync::{Arc, Barrier, RwLock, atomic, mpsc};
pub use shuttle::thread;

/// A note: a thread did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// 0 is the thread that starts the others.
    pub thread: usize,
    /// What it did, one word, such as "reads".
    pub verb: &'static str,
    /// What it did it to.
    pub what: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", name(self.thread), self.verb, self.what)
    }
}

/// What a thread is called, as on the lessons' timelines: `main`, and then `thread 0`.
fn name(thread: usize) -> String {
    let spawned = thread.checked_sub(1);
    spawned.map_or("main".to_owned(), |number| format!("thread {number}"))
}

// No exercise comes near it.
const MOST_NOTES: usize = 10_000;
/// How a schedule without an end is told.
pub(super) const ENDLESS: &str =
    "it does not end: a thread goes round a loop and nothing can stop it.";

thread_local! {
    // All threads of a schedule run on one thread of the system.
    static NOTES: RefCell<Vec<Note>> = const { RefCell::new(Vec::new()) };
    static STORY: RefCell<Story> = RefCell::new(Story::default());
    static LOCKS: Cell<usize> = const { Cell::new(0) };
}

/// Begins a schedule: nothing is noted yet.
pub(super) fn begin(story: &Story) {
    NOTES.take();
    LOCKS.set(0);
    STORY.replace(story.clone());
}

/// Notes what the current thread does. After a schedule has failed, the values that its threads
/// leave behind are dropped: that is not noted.
///
/// # Panics
/// If a schedule has so many notes that it has no end.
pub fn note(verb: &'static str, what: impl fmt::Display) {
    let Some(thread) = shuttle::current::try_get_current_task() else {
        return;
    };
    if std::thread::panicking() {
        return;
    }
    let note = Note {
        thread: thread.into(),
        verb,
        what: what.to_string(),
    };
    STORY.with_borrow(|story| story.tell(note.to_string()));
    let number = NOTES.with_borrow_mut(|notes| {
        notes.push(note);
        notes.len()
    });
    // A loop that only looks has no step at which the checker could end it.
    assert!(number < MOST_NOTES, "{ENDLESS}");
}

/// Starts so many threads, tells each its number from 0, and waits until all have ended.
///
/// # Panics
/// If one of them panics.
pub fn threads(count: usize, body: impl Fn(usize) + Send + Sync + 'static) {
    let body = Arc::new(body);
    let start = |number| {
        let body = Arc::clone(&body);
        thread::spawn(move || body(number))
    };
    let all: Vec<_> = (0..count).map(start).collect();
    for thread in all {
        thread.join().expect("an exercise does not panic");
    }
}

/// The notes of this schedule.
pub fn notes() -> Vec<Note> {
    NOTES.with_borrow(Vec::clone)
}

/// The verbs of one thread after another, for all threads but the first.
pub fn verbs() -> Vec<Vec<&'static str>> {
    let notes = notes();
    let threads = notes.iter().map(|note| note.thread).max().unwrap_or(0);
    let of = |thread| {
        let notes = notes.iter().filter(move |note| note.thread == thread);
        notes.map(|note| note.verb).collect()
    };
    (1..=threads).map(of).collect()
}

/// The most threads at a time that have noted the first verb, and not yet the second.
pub fn peak(enters: &str, leaves: &str) -> usize {
    let (mut inside, mut most) = (0_usize, 0);
    for note in notes() {
        if note.verb == enters {
            inside += 1;
        } else if note.verb == leaves {
            inside -= 1;
        }
        most = most.max(inside);
    }
    most
}

/// The checker's mutex. It notes "locks" and "unlocks", and "waits for" before it blocks.
#[derive(Debug)]
pub struct Mutex<T> {
    number: usize,
    /// The thread that holds it and one; 0 is nobody. No step of the schedule.
    holder: AtomicUsize,
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
        let number = LOCKS.replace(LOCKS.get() + 1);
        Self {
            number,
            holder: AtomicUsize::new(0),
            inner: shuttle::sync::Mutex::new(value),
        }
    }

    /// Waits until nobody holds the lock, and takes it.
    ///
    /// # Errors
    /// If another thread panicked while holding it.
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        match self.holder.load(Relaxed) {
            0 => {}
            holder => note(
                "waits for",
                format!("{self}, which {} holds", name(holder - 1)),
            ),
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
        let thread: usize = shuttle::current::me().into();
        self.holder.store(thread + 1, Relaxed);
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
        write!(f, "lock {}", self.number)
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
            self.lock.holder.store(0, Relaxed);
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
        guard.lock.holder.store(0, Relaxed);
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
