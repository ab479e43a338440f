//! One photo at a time, its rows shared: the answer arrives sooner for a *single* photo too. But a
//! JPEG can only be decoded from its start to its end, so all workers but one wait for that:
//! Amdahl's law, in a picture.

use anyhow::Result;
use rayon::prelude::*;
use timing::{Lanes, Timeline};

use crate::shield::shielded;
use crate::{Desk, Done, Item, Job, Outcome, Settings, Task, codec, files};

/// Does the job on `job.workers` threads.
///
/// # Errors
/// If the threads can't be started.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(job.workers)
        .build()?;
    let desk = Desk::new(&job.settings, 1);
    let lanes = Lanes::new(timeline, "worker", job.workers);
    let one = |task| {
        if job.stopped() {
            return Outcome::Skipped;
        }
        let outcome = shielded(|| process(&desk, task, &lanes)).into();
        job.progress.inc(1);
        outcome
    };
    // Still `iter`: one photo after the other, each of them by the whole pool.
    Ok(pool.install(|| job.tasks.iter().map(one).collect()))
}

/// [`Desk::process`], with its two loops over bands made parallel.
fn process(desk: &Desk<'_>, task: &Task, lanes: &Lanes) -> Result<Done> {
    let item = desk.load(task, &mut lanes.get(worker()))?;
    let item = filter(desk, item, lanes)?;
    let file = encode(desk, task, &item, lanes)?;
    desk.save(task, item, file, &mut lanes.get(worker()))
}

fn filter(desk: &Desk<'_>, item: Item, lanes: &Lanes) -> Result<Item> {
    let filter = desk.settings.filter;
    if filter.is_done(&item.photo) {
        return Ok(item);
    }
    let mut canvas = filter.canvas(&item.photo, desk.buffers.result());
    canvas
        .bands_mut()
        .into_par_iter()
        .try_for_each(|(rows, out)| {
            let mut lane = lanes.get(worker());
            let _span = lane.work("filter a band");
            filter.rows(&item.photo, rows, out)
        })?;
    desk.finish(item, canvas)
}

fn encode(desk: &Desk<'_>, task: &Task, item: &Item, lanes: &Lanes) -> Result<Vec<u8>> {
    if !files::output_format(task).has_bands() {
        return desk.encode(task, item, &mut lanes.get(worker()));
    }
    let bands: Vec<_> = item.photo.bands().collect();
    let Settings { quality, strip, .. } = *desk.settings;
    let coded: Result<Vec<_>> = bands
        .into_par_iter()
        .map(|rows| {
            let mut lane = lanes.get(worker());
            let _span = lane.work("encode a band");
            codec::encode_band(&item.photo, rows, quality, strip)
        })
        .collect();
    codec::join(&coded?, item.photo.height, desk.buffers.file())
}

fn worker() -> usize {
    rayon::current_thread_index().expect("inside the pool")
}
