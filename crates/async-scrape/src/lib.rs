//! Pages from a server into files, three ways.
//!
//! A download asks for a page, waits, and writes the body to a file while it comes. Most of its time it waits for the server,
//! and the rest for the disk. Read this file, then the strategies, which all have the same signature, and all leave the same files:
//! `diff src/threads.rs src/tasks.rs` is what it costs in code to do without the threads.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use clap::ValueEnum;
use timing::{Lane, Timeline};

pub mod client;
pub mod file;
pub mod names;
pub mod site;

pub mod sequential;
pub mod tasks;
pub mod threads;

use client::Client;
use file::Part;
use names::Page;

/// Who waits for what at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// One thread: one page after the other
    Sequential,
    /// Some threads, which take pages from a queue until it is empty
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
            Self::Threads => job.concurrency.min(job.pages.len()),
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
    /// What to download, and what the files are to be called.
    pub pages: Arc<[Page]>,
    /// The folder for the files; it is there.
    pub folder: PathBuf,
    /// What to ask with.
    pub client: Client,
    /// The threads of `threads`, and the tasks of `tasks`.
    pub concurrency: usize,
    /// The most bytes of one body; a longer one is an error.
    pub most: u64,
    /// Once true, no other page is begun.
    pub stop: Arc<AtomicBool>,
    /// Hears of each page when it is done, from whichever worker: how many bytes the file has, or why there is none.
    pub tell: Tell,
}

/// Where the news goes.
pub type Tell = Arc<dyn Fn(&Page, Result<u64>) + Send + Sync>;

impl Job {
    /// The unit of work: one page, from the question to the finished file. Every strategy does exactly this, and `tasks` does
    /// it with the changes that make it a task.
    pub fn download(&self, page: &Page, lane: &mut Lane) {
        let result = self.fetch(page, lane);
        (self.tell)(page, result);
    }

    fn fetch(&self, page: &Page, lane: &mut Lane) -> Result<u64> {
        let waiting = lane.wait(page.name.clone());
        let response = self.client.blocking(&page.url).send();
        let mut body = client::checked(response.map(|r| (r.status(), r)))?.take(self.most + 1);
        drop(waiting);
        let mut part = Part::new(&self.folder, &page.name)?;
        let mut chunk = vec![0; 65_536];
        loop {
            let receiving = lane.wait("receive");
            let read = body.read(&mut chunk).context("the body breaks off")?;
            drop(receiving);
            if read == 0 {
                break;
            }
            let _writing = lane.work("write");
            part.add(&chunk[..read], self.most)?;
        }
        let _writing = lane.work("write");
        part.finish()
    }
}
