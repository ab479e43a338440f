//! Where files are read and written. They have no `.await`: reading or writing one blocks its
//! thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Result;
use timing::workers;
use tokio::task::{JoinError, spawn_blocking};

/// Which thread waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// The thread that calls: right for a thread that has nothing else to do.
    ThisThread,
    /// A thread of the runtime's pool for blocking calls, so that other tasks go on.
    Pool,
}

impl Disk {
    /// Runs a blocking call on that thread.
    ///
    /// # Errors
    /// If the call panicked: one bad page must not stop the others.
    pub async fn run<R: Send + 'static>(
        self,
        call: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R> {
        let end = match self {
            Self::ThisThread => catch_unwind(AssertUnwindSafe(call)),
            // A call can't be cancelled, so a `JoinError` is a panic.
            Self::Pool => spawn_blocking(call).await.map_err(JoinError::into_panic),
        };
        workers::ended("the work on a file", end)
    }
}
