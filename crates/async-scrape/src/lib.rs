//! Pages from a server into files, three ways.
//!
//! A download asks for a page, waits, receives it, looks where its links lead, and writes a file. Most of its time it waits: for the
//! server, and for the disk. Read this file, then the strategies, which all have the same signature, and all leave the same files:
//! `diff src/threads.rs src/tasks.rs` is what it takes to do without the threads. What a page is, and how it is had, is in `src/crawl.rs`.

use std::sync::Arc;

use anyhow::{Context, Result};
use clap::ValueEnum;
use timing::Timeline;
use tokio::runtime::{Builder, Runtime};

pub mod client;
pub mod connect;
pub mod crawl;
pub mod disk;
pub mod file;
pub mod names;
pub mod site;
pub mod summary;

pub mod sequential;
pub mod tasks;
pub mod threads;

use crawl::Crawl;

/// Who waits for what at the same time.
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
    /// Downloads everything.
    ///
    /// # Errors
    /// If workers can't be started. A page that can't be had is no error: it is told like the others.
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<()> {
        match self {
            Self::Sequential => sequential::run(job, timeline),
            Self::Threads => threads::run(job, timeline),
            Self::Tasks => tasks::run(job, timeline),
        }
    }

    /// How many threads it has to ask servers with.
    pub fn workers(self, job: &Job) -> usize {
        match self {
            Self::Sequential | Self::Tasks => 1,
            Self::Threads => job.concurrency,
        }
    }

    /// The name that it has everywhere: on the command line, in the table, on the timeline.
    pub fn name(self) -> String {
        let value = self.to_possible_value().expect("no strategy is hidden");
        value.get_name().to_owned()
    }
}

/// What is to be done. Cloning it is cheap.
#[derive(Clone)]
pub struct Job {
    /// The pages: `crawl.frontier.take()` gives the next one, and `crawl.download` is the unit of work. Every strategy does exactly this.
    pub crawl: Arc<Crawl>,
    /// The threads of `threads`, and the tasks of `tasks`: so many pages are under way at the same time.
    pub concurrency: usize,
}

/// For threads that wait for one thing at a time: what can be awaited becomes a call that returns when it is done. A thread in the
/// background hears from the network; libraries whose calls block have one, too, and don't tell.
#[derive(Debug)]
pub struct Blocking(Runtime);

impl Blocking {
    /// Starts the thread in the background.
    ///
    /// # Errors
    /// If the system has none.
    pub fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        Ok(Self(
            runtime.context("can't start a thread for the network")?,
        ))
    }

    /// Waits for this, with the whole thread.
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}
