//! Where files are read and written. They know nothing of `.await`: whoever reads or writes one waits with its whole thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, Result, anyhow};
use tokio::task::spawn_blocking;

/// Who waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// This thread: for one that has nothing else to do.
    Here,
    /// A thread that is there for such calls, so that the tasks of this one go on.
    Elsewhere,
}

impl Disk {
    /// Does this, there.
    ///
    /// # Errors
    /// If it panicked.
    pub async fn run<R: Send + 'static>(
        self,
        call: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R> {
        match self {
            // A page that brings the program to a panic must not stop the others: so it is for a thread of the pool, too.
            Self::Here => catch_unwind(AssertUnwindSafe(call)).map_err(|_| anyhow!("it panicked")),
            Self::Elsewhere => spawn_blocking(call).await.context("a thread for files"),
        }
    }
}
