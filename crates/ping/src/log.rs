//! The pings of the strategy that runs: each is printed when it is over, and kept for the summary.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use timing::cli;

use crate::Pong;
use crate::summary::Summary;

/// The pings so far.
#[derive(Debug, Default)]
pub struct Log {
    entries: Mutex<Entries>,
    /// Whether answers are only counted, because there are many.
    is_quiet: bool,
}

#[derive(Debug, Default)]
struct Entries {
    pongs: Vec<Pong>,
    /// The first line that could not be printed.
    unprinted: Option<anyhow::Error>,
}

impl Log {
    /// A log that prints answers, or with `is_quiet` only failures.
    pub fn new(is_quiet: bool) -> Self {
        Self {
            entries: Mutex::default(),
            is_quiet,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints and keeps a ping. The lock also keeps the lines of different workers apart.
    pub fn add(&self, pong: Pong) {
        let mut entries = self.lock();
        let is_told = !self.is_quiet || pong.result.is_err();
        if is_told && entries.unprinted.is_none() {
            entries.unprinted = cli::print(&format!("{}\n", pong.line())).err();
        }
        entries.pongs.push(pong);
    }

    /// Sums up the pings so far, and forgets them.
    ///
    /// # Errors
    /// If a ping could not be printed.
    pub fn take(&self) -> Result<Summary> {
        let entries = std::mem::take(&mut *self.lock());
        entries.unprinted.map_or(Ok(()), Err)?;
        Ok(Summary::of(&entries.pongs))
    }

    /// After Ctrl-C: prints the summary of the pings so far.
    pub fn interrupted(&self) {
        // If the lock is taken, its holder may be stuck in printing to a reader that does not read.
        if let Ok(entries) = self.entries.try_lock() {
            let text = Summary::of(&entries.pongs).to_string();
            let _ = cli::print(&format!("\ninterrupted: {text}"));
        }
    }
}
