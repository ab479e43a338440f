//! Pages from a server into files, three ways.
//!
//! A download requests a page, waits, receives it, searches it for links, and writes a file. Most
//! of its time it waits: for the server, and for the disk.
//!
//! Read this file, then the strategies, which all have the same signature and leave the same files.
//! `diff src/threads.rs src/tasks.rs` shows how tasks replace threads. How a page is downloaded is
//! in `src/crawl.rs`.

use std::sync::Arc;

use anyhow::Result;
use clap::ValueEnum;
use timing::Timeline;

pub mod blocking;
pub mod client;
pub mod connect;
pub mod crawl;
pub mod disk;
pub mod file;
pub mod proxies;
pub mod site;
pub mod summary;
#[cfg(feature = "https")]
pub mod trust;

pub mod sequential;
pub mod tasks;
pub mod threads;

use crawl::Crawl;

/// How a program waits for several pages at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// One thread: one page after the other
    Sequential,
    /// Some threads: whoever is free takes the next page
    Threads,
    /// Some tasks, all on one thread; files are written by others
    Tasks,
}

impl Strategy {
    /// Downloads all pages.
    ///
    /// # Errors
    /// If a worker can't be started, or panicked. A page that fails is no error of the strategy:
    /// the crawl notes what became of it.
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<()> {
        match self {
            Self::Sequential => sequential::run(job, timeline),
            Self::Threads => threads::run(job, timeline),
            Self::Tasks => tasks::run(job, timeline),
        }
    }

    /// How many threads request pages.
    pub fn workers(self, job: &Job) -> usize {
        match self {
            Self::Sequential | Self::Tasks => 1,
            Self::Threads => job.concurrency,
        }
    }
}

/// The pages to download, and with how many workers. Cloning it is cheap.
#[derive(Clone)]
pub struct Job {
    /// The pages: `crawl.frontier.take()` returns the next one, and `crawl.download()` is the unit
    /// of work. Every strategy does exactly this.
    pub crawl: Arc<Crawl>,
    /// The concurrency limit: the most pages in flight at the same time, one for each thread or
    /// task.
    pub concurrency: usize,
}
