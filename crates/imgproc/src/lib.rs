//! A folder of photos, a filter, a folder of results: ways to share the work.
//!
//! Read this file, then the strategies, which all have the same signature: `diff src/sequential.rs
//! src/rayon.rs` is what parallelism costs in code. Everything below [`codec`] and [`filter`] is
//! machinery, and knows nothing of who does the work.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use timing::{Lane, Timeline};

pub mod budget;
pub mod buffers;
pub mod cluster;
pub mod codec;
pub mod files;
pub mod filter;
mod outcome;
pub mod samples;
mod shield;
pub mod worker;

#[cfg(feature = "mpi")]
mod messages;
#[cfg(feature = "mpi")]
pub mod ranks;

#[cfg(feature = "mpi")]
pub mod mpi;
#[cfg(feature = "mpi")]
pub mod mpi_static;
pub mod pipeline;
pub mod processes;
pub mod rayon;
pub mod rows;
pub mod sequential;

use buffers::Buffers;
use codec::{Limits, Photo};
pub use files::Task;
use filter::Filter;
pub use outcome::{Done, Outcome};
use shield::shielded;

/// What is said of a strategy that this program was built without.
pub const WITHOUT_MPI: &str =
    "this program was built without MPI: install Open MPI, and build it with `--features mpi`";

/// Who does the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// One photo after the other, on one thread
    Sequential,
    /// Several photos at once, on a pool of threads
    Rayon,
    /// One photo at a time, its rows shared among the threads of a pool
    Rows,
    /// A line of threads: one decodes, one filters, one encodes
    Pipeline,
    /// Several photos at once, in a fixed pool of worker processes
    Processes,
    /// One photo after the other to each rank that has none: `mpirun -n 4 imgproc mpi` (built with `--features mpi`)
    Mpi,
    /// As many photos to each rank, all at the start: `mpirun -n 4 imgproc mpi-static` (built with `--features mpi`)
    MpiStatic,
}

impl Strategy {
    /// Those that run if none is named: all that need nothing but this program.
    pub const IN_TURN: [Self; 5] = [
        Self::Sequential,
        Self::Rayon,
        Self::Rows,
        Self::Pipeline,
        Self::Processes,
    ];

    /// Whether its workers are ranks, which are there before it starts.
    pub fn needs_mpi(self) -> bool {
        matches!(self, Self::Mpi | Self::MpiStatic)
    }

    /// Does the job. The outcomes are in the order of the job's tasks.
    ///
    /// # Errors
    /// If the workers can't be started. A photo that can't be processed is not an error but an [`Outcome`].
    pub fn run(self, job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
        match self {
            Self::Sequential => sequential::run(job, timeline),
            Self::Rayon => rayon::run(job, timeline),
            Self::Rows => rows::run(job, timeline),
            Self::Pipeline => pipeline::run(job, timeline),
            Self::Processes => processes::run(job, timeline),
            #[cfg(feature = "mpi")]
            Self::Mpi => mpi::run(job, timeline),
            #[cfg(feature = "mpi")]
            Self::MpiStatic => mpi_static::run(job, timeline),
            #[cfg(not(feature = "mpi"))]
            Self::Mpi | Self::MpiStatic => bail!(WITHOUT_MPI),
        }
    }

    /// How many workers it has when it is given `workers`.
    pub fn workers(self, workers: usize) -> usize {
        match self {
            Self::Sequential => 1,
            Self::Pipeline => pipeline::threads(workers).iter().sum(),
            Self::Rayon | Self::Rows | Self::Processes => workers,
            #[cfg(feature = "mpi")]
            Self::Mpi | Self::MpiStatic => ranks::count(),
            #[cfg(not(feature = "mpi"))]
            Self::Mpi | Self::MpiStatic => 0,
        }
    }

    /// The name that it has everywhere: on the command line, in the table, on the timeline.
    pub fn name(self) -> String {
        let value = self.to_possible_value().expect("no strategy is hidden");
        value.get_name().to_owned()
    }
}

/// What is to be done.
pub struct Job {
    /// The photos.
    pub tasks: Vec<Task>,
    /// What is done to each of them.
    pub settings: Settings,
    /// How many threads or processes, where the strategy has a pool.
    pub workers: usize,
    /// The program that `processes` starts; it must call [`worker::serve_if_asked`] first of all.
    pub program: PathBuf,
    /// Set it, and no further photo is begun.
    pub stop: Arc<AtomicBool>,
    /// Advances by one with each photo.
    pub progress: ProgressBar,
}

/// What is done to each photo.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// The filter.
    pub filter: Filter,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
    /// Leave out EXIF and ICC profile.
    pub strip: bool,
    /// Replace results that exist.
    pub force: bool,
    /// What is too large.
    pub limits: Limits,
}

/// A photo on its way from the input file to the output file.
pub struct Item {
    /// Its pixels, as they are by now.
    pub photo: Photo,
    /// What there is to tell of it so far.
    pub done: Done,
}

/// A desk to work at: the settings, and memory that goes from one photo to the next.
pub struct Desk<'a> {
    /// What is done to each photo.
    pub settings: &'a Settings,
    /// Spare memory.
    pub buffers: Buffers,
}

impl<'a> Desk<'a> {
    /// A desk at which so many workers find room.
    pub fn new(settings: &'a Settings, workers: usize) -> Self {
        Self {
            settings,
            buffers: Buffers::for_workers(workers),
        }
    }

    /// The unit of work: one photo, from file to file. Every strategy does exactly this, and they
    /// differ in who does which part of it, and when.
    // ANCHOR: process
    pub fn process(&self, task: &Task, lane: &mut Lane) -> Outcome {
        let steps = || {
            let item = self.load(task, lane)?;
            let item = self.filter(item, lane)?;
            let file = self.encode(task, &item, lane)?;
            self.save(task, item, file, lane)
        };
        shielded(steps).into()
    }
    // ANCHOR_END: process

    /// Reads and decodes a photo.
    ///
    /// # Errors
    /// If there is a result already, or the file can't be read or decoded.
    pub fn load(&self, task: &Task, lane: &mut Lane) -> Result<Item> {
        let file = self.read(task, lane)?;
        self.decode(file, lane)
    }

    /// Reads a photo's file.
    ///
    /// # Errors
    /// If there is a result already, or the file can't be read.
    pub fn read(&self, task: &Task, lane: &mut Lane) -> Result<Vec<u8>> {
        let _span = lane.wait("read");
        if !self.settings.force && task.output.exists() {
            bail!(files::exists(&task.output));
        }
        let mut bytes = self.buffers.file();
        bytes.clear();
        let mut file = std::fs::File::open(&task.input).context("can't open")?;
        std::io::Read::read_to_end(&mut file, &mut bytes).context("can't read")?;
        Ok(bytes)
    }

    /// Decodes a photo from its file's bytes.
    ///
    /// # Errors
    /// If they are no photo, or a damaged one.
    pub fn decode(&self, file: Vec<u8>, lane: &mut Lane) -> Result<Item> {
        let _span = lane.work("decode");
        let Settings { filter, limits, .. } = *self.settings;
        let spare = self.buffers.source();
        let photo = codec::decode(&file, filter.wants_luma(), limits, spare)?;
        let done = Done {
            pixels: photo.width as u64 * photo.height as u64,
            bytes_in: file.len() as u64,
            bytes_out: 0,
        };
        self.buffers.give_file(file);
        Ok(Item { photo, done })
    }

    /// Applies the filter.
    ///
    /// # Errors
    /// If the filter refuses the picture.
    pub fn filter(&self, item: Item, lane: &mut Lane) -> Result<Item> {
        let filter = self.settings.filter;
        if filter.is_done(&item.photo) {
            return Ok(item);
        }
        let _span = lane.work("filter");
        let mut canvas = filter.canvas(&item.photo, self.buffers.result());
        if let Filter::Thumbnail { .. } = filter {
            // It would compute its kernel's weights anew for each band.
            filter.rows(&item.photo, 0..item.photo.height, &mut canvas.pixels)?;
        } else {
            // In bands, so that what a filter needs beside the two photos stays small.
            for (rows, out) in canvas.bands_mut() {
                filter.rows(&item.photo, rows, out)?;
            }
        }
        self.finish(item, canvas)
    }

    /// Does what the filter has left when all rows are there, and takes the memory back that is no longer needed.
    ///
    /// # Errors
    /// If the filter refuses the picture.
    pub fn finish(&self, item: Item, canvas: Photo) -> Result<Item> {
        let photo = match self.settings.filter.finish(&item.photo, &canvas)? {
            Some(photo) => {
                self.buffers.give_result(canvas.pixels);
                photo
            }
            None => canvas,
        };
        self.buffers.give_source(item.photo.pixels);
        Ok(Item { photo, ..item })
    }

    /// Encodes the result.
    ///
    /// # Errors
    /// If the format can't hold the picture.
    pub fn encode(&self, task: &Task, item: &Item, lane: &mut Lane) -> Result<Vec<u8>> {
        let _span = lane.work("encode");
        let Settings { quality, strip, .. } = *self.settings;
        let format = files::output_format(task);
        let spare = self.buffers.file();
        codec::encode(&item.photo, format, quality, strip, spare)
    }

    /// Writes the result, whole or not at all.
    ///
    /// # Errors
    /// If the file system says no.
    pub fn save(&self, task: &Task, item: Item, file: Vec<u8>, lane: &mut Lane) -> Result<Done> {
        let _span = lane.wait("write");
        files::write(&task.output, &file, self.settings.force)?;
        let bytes_out = file.len() as u64;
        self.buffers.give_file(file);
        self.buffers.give_result(item.photo.pixels);
        Ok(Done {
            bytes_out,
            ..item.done
        })
    }
}

impl Job {
    /// The next photo that nobody has begun, with its number; `None` when there is none, or when the job
    /// was stopped. `begun` counts them: each number is handed out once, whoever asks.
    pub fn next(&self, begun: &AtomicUsize) -> Option<(usize, &Task)> {
        if self.stopped() {
            return None;
        }
        let photo = begun.fetch_add(1, Ordering::Relaxed);
        Some((photo, self.tasks.get(photo)?))
    }

    /// Whether no further photo is to be begun.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
