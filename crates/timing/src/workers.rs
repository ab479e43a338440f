//! What all lessons do if the system has no more threads, or a worker panics.
//!
//! Neither ends the program: both become errors that name the worker. Workers that were started are
//! still joined.

use std::any::Any;
use std::io;
use std::thread::{self, ScopedJoinHandle};

use anyhow::{Context, Result, anyhow};

/// Names the worker if its thread could not be started.
///
/// # Errors
/// If `thread` is one.
pub fn started<T>(name: &str, thread: io::Result<T>) -> Result<T> {
    thread.with_context(|| format!("can't start a thread for {name}"))
}

/// Turns a panic of a worker, as `join` returns it, into an error that names the worker.
///
/// # Errors
/// If the worker panicked.
pub fn ended<T>(name: &str, end: thread::Result<T>) -> Result<T> {
    end.map_err(|panic| anyhow!("{name} panicked: {}", words(&*panic)))
}

/// A right to wait for the end of a thread: the standard library's, or a checker's.
pub trait Join {
    /// What the thread returns.
    type Output;

    /// Waits for the end of the thread.
    ///
    /// # Errors
    /// If it panicked.
    fn join(self) -> thread::Result<Self::Output>;
}

impl<T> Join for ScopedJoinHandle<'_, T> {
    type Output = T;

    fn join(self) -> thread::Result<T> {
        ScopedJoinHandle::join(self)
    }
}

/// Waits for all threads, each with its name, and returns what they returned, in their order.
///
/// # Errors
/// If threads panicked: the first of them. All have ended by then.
pub fn join_all<J: Join>(threads: Vec<(String, J)>) -> Result<Vec<J::Output>> {
    let ended: Vec<_> = threads
        .into_iter()
        .map(|(name, thread)| ended(&name, thread.join()))
        .collect();
    ended.into_iter().collect()
}

/// The message of a panic.
pub fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words")
}
