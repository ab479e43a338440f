//! What the code of an exercise finds in the place of `std::sync` and `std::thread`: the checker's,
//! which note who did what.
//!
//! The notes of a schedule are what a check looks at, to tell one wrong answer from another, and
//! they are the story that the student reads. A note is no step of the schedule.
//!
//! [`proof::world`](crate::proof::world) looks alike, and is for stepping: it announces an
//! operation before it happens, with its line and with the value in the lock, which has to be
//! `Debug`. A note says what has happened, in words that a check compares. If one were built on the
//! other, each operation would be told twice, and only shuttle's own calls would be shared.

use std::cell::RefCell;
use std::fmt;

use crate::proof::Story;

mod locks;

pub use crate::proof::{moment, spuriously};
pub(super) use locks::untold;
pub use locks::{Condvar, Mutex, MutexGuard};
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
}

/// Begins a schedule: nothing is noted yet.
pub(super) fn begin(story: &Story) {
    NOTES.take();
    locks::begin();
    STORY.replace(story.clone());
}

/// The thread that runs now. None while a schedule that has failed is cleaned up.
fn current() -> Option<usize> {
    let thread = shuttle::current::try_get_current_task()?;
    (!std::thread::panicking()).then(|| thread.into())
}

/// Notes what the current thread does. After a schedule has failed, the values that its threads
/// leave behind are dropped: that is not noted.
///
/// # Panics
/// If a schedule has so many notes that it has no end.
pub fn note(verb: &'static str, what: impl fmt::Display) {
    let Some(thread) = current() else {
        return;
    };
    let note = Note {
        thread,
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
