//! Threads that announce what they are about to do.

use std::io;
use std::panic::Location;
use std::time::Duration;

use shuttle::thread;

use crate::proof::op::Verb;
use crate::proof::record;

/// Makes a thread with a name.
#[derive(Debug, Default)]
pub struct Builder {
    name: Option<String>,
}

impl Builder {
    /// Returns a builder of a thread without a name.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the thread.
    #[must_use]
    pub fn name(mut self, name: String) -> Self {
        self.name = Some(name);
        self
    }

    /// Starts the thread. It is never refused: the result is that of the standard library.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let at = Location::caller();
        let name = self.name.clone();
        let text = format!("starts {}", name.as_deref().unwrap_or("a thread"));
        record::begin(Verb::Spawn, None, &text, at);
        let builder = match self.name {
            Some(name) => thread::Builder::new().name(name),
            None => thread::Builder::new(),
        };
        let inner = builder.spawn(move || {
            record::end("");
            let result = f();
            record::ends();
            result
        })?;
        let number = record::spawned(name.as_deref(), at);
        record::end("");
        Ok(JoinHandle {
            inner,
            number,
            name: name.unwrap_or_else(|| format!("thread {number}")),
        })
    }
}

/// Starts a thread without a name.
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Builder::new().spawn(f).expect("shuttle has enough threads")
}

/// The right to wait for a thread's end.
#[derive(Debug)]
pub struct JoinHandle<T> {
    inner: thread::JoinHandle<T>,
    number: usize,
    name: String,
}

impl<T> JoinHandle<T> {
    /// Waits for the end of the thread, and returns its result.
    ///
    /// # Errors
    /// If the thread panicked.
    #[track_caller]
    pub fn join(self) -> thread::Result<T> {
        let text = format!("waits for the end of {}", self.name);
        record::begin(Verb::Join(self.number), None, &text, Location::caller());
        let result = self.inner.join();
        record::end("");
        result
    }
}

/// Lets other threads run. The time is not real.
#[track_caller]
pub fn sleep(time: Duration) {
    record::begin(Verb::Other, None, "sleeps", Location::caller());
    thread::sleep(time);
    record::end("");
}

/// Lets another thread run, if one can.
#[track_caller]
pub fn yield_now() {
    record::begin(
        Verb::Other,
        None,
        "lets another thread run",
        Location::caller(),
    );
    record::woken();
    thread::yield_now();
    record::end("");
}
