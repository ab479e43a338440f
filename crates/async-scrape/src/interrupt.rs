//! Ctrl-C: the first gives pages in flight some time, the second drops them, the third ends the
//! program at once.

use std::process;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use async_scrape::crawl::Crawl;
use timing::cli;

/// The time that pages in flight get after the first Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

/// How often Ctrl-C was pressed, and the crawl that it stops.
#[derive(Default)]
pub struct Interrupt {
    times: AtomicUsize,
    crawl: Mutex<Option<Arc<Crawl>>>,
}

impl Interrupt {
    /// Listens for Ctrl-C until the program ends.
    pub fn listen() -> Result<Arc<Self>> {
        let interrupt = Arc::new(Self::default());
        let heard = Arc::clone(&interrupt);
        ctrlc::set_handler(move || heard.handle()).context("can't listen for Ctrl-C")?;
        Ok(interrupt)
    }

    /// Whether Ctrl-C was pressed.
    pub fn has_happened(&self) -> bool {
        self.times.load(SeqCst) > 0
    }

    /// Makes Ctrl-C stop this crawl.
    pub fn watch(&self, crawl: &Arc<Crawl>) {
        *self.crawl() = Some(Arc::clone(crawl));
    }

    /// Lets go of the crawl, which is over. Waits if Ctrl-C is just being handled.
    pub fn release(&self) {
        *self.crawl() = None;
    }

    fn crawl(&self) -> MutexGuard<'_, Option<Arc<Crawl>>> {
        self.crawl.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self) {
        let times = self.times.fetch_add(1, SeqCst);
        if times == 0 {
            cli::complain(
                "stopping when what is under way is done, in 5 s at most; Ctrl-C again stops at once",
            );
        }
        // Locked until the crawl is stopped: `release` waits for that.
        match (&*self.crawl(), times) {
            (Some(crawl), 0) => crawl.stop(GRACE),
            (Some(crawl), 1) => crawl.stop(Duration::ZERO),
            _ => process::exit(1),
        }
    }
}
