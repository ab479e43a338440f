//! Blocking calls for code without `.await`.

use anyhow::Result;
use timing::workers;
use tokio::runtime::{Builder, Runtime};

/// A runtime for threads that wait for one thing at a time: it turns a future into a blocking call.
///
/// A thread in the background receives the network's events. HTTP libraries with blocking calls
/// have such a thread, too, and hide it.
#[derive(Debug)]
pub struct Blocking(Runtime);

impl Blocking {
    /// Starts the thread in the background.
    ///
    /// # Errors
    /// If it can't be started.
    pub fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        workers::started("the network", runtime).map(Self)
    }

    /// Waits for the future, and blocks the calling thread.
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}
