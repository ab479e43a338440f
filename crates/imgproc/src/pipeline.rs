//! A pipeline of threads: one decodes, one filters, one encodes, and bounded channels join them.
//! When a stage is slow, its channel fills, and the stage before it waits: back-pressure. A
//! pipeline is as fast as its slowest stage.

use anyhow::Result;
use timing::{Lane, Timeline, workers};

use crate::budget::{Budget, Share};
use crate::shield::shielded;
use crate::sync::channel::{Receiver, Sender, bounded, unbounded};
use crate::sync::thread;
use crate::{HandOut, Item, Job, Outcome, Processor};

/// The most bytes of pixels in the pipeline, whatever the number of photos.
const IN_FLIGHT: u64 = 160_000_000;

/// Returns the numbers of threads that decode, filter and encode.
pub fn threads(workers: usize) -> [usize; 3] {
    [workers.div_ceil(3); 3]
}

/// A photo in the pipeline: its number, its pixels, and its share of the memory.
type Parcel<'a> = (usize, Item, Share<'a>);

/// Does the job on three stages of threads.
///
/// # Errors
/// If the system has no more threads.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
    let [decoders, filters, encoders] = threads(job.workers);
    let processor = Processor::new(&job.settings, decoders + filters + encoders);
    let budget = Budget::new(IN_FLIGHT);
    let begun = HandOut::default();
    let (to_filter, decoded) = bounded(1);
    let (to_encoder, filtered) = bounded(1);
    let (report, reports) = unbounded();
    let mut outcomes = vec![Outcome::Skipped; job.tasks.len()];
    thread::scope(|scope| {
        let (processor, budget, begun) = (&processor, &budget, &begun);
        // A channel ends when its last sender is gone, and so the stages end one after the other.
        let (to_filter, to_encoder, report) = (to_filter, to_encoder, report);
        for index in 0..decoders {
            let name = format!("decode {index}");
            let (lane, next) = (timeline.lane(&name), to_filter.clone());
            let report = report.clone();
            let stage = move || decode(job, processor, budget, begun, lane, &next, &report);
            workers::started(&name, thread::Builder::new().spawn_scoped(scope, stage))?;
        }
        for index in 0..filters {
            let name = format!("filter {index}");
            let (lane, next) = (timeline.lane(&name), to_encoder.clone());
            let (input, report) = (decoded.clone(), report.clone());
            let stage = move || filter(processor, &input, lane, &next, &report);
            workers::started(&name, thread::Builder::new().spawn_scoped(scope, stage))?;
        }
        for index in 0..encoders {
            let name = format!("encode {index}");
            let lane = timeline.lane(&name);
            let (input, report) = (filtered.clone(), report.clone());
            let stage = move || encode(job, processor, &input, lane, &report);
            workers::started(&name, thread::Builder::new().spawn_scoped(scope, stage))?;
        }
        drop((to_filter, to_encoder, report, decoded, filtered));
        for (photo, outcome) in reports {
            job.tell(&job.tasks[photo], &outcome);
            outcomes[photo] = outcome;
        }
        anyhow::Ok(())
    })?;
    Ok(outcomes)
}

type Report = Sender<(usize, Outcome)>;

fn decode<'a>(
    job: &Job,
    processor: &Processor<'_>,
    budget: &'a Budget,
    begun: &HandOut,
    mut lane: Lane,
    next: &Sender<Parcel<'a>>,
    report: &Report,
) {
    while let Some((photo, task)) = job.next(begun) {
        let step = || {
            let file = processor.read(task, &mut lane)?;
            processor.decode_after(task, file, &mut lane, |pixels, lane| {
                let _waiting = lane.wait("memory");
                budget.acquire(3 * pixels)
            })
        };
        let passed_on = match shielded(step) {
            Ok((item, share)) => pass_on(next, (photo, item, share), &mut lane),
            Err(error) => pass_on(report, (photo, Err(error).into()), &mut lane),
        };
        if !passed_on {
            return;
        }
    }
}

fn filter<'a>(
    processor: &Processor<'_>,
    input: &Receiver<Parcel<'a>>,
    mut lane: Lane,
    next: &Sender<Parcel<'a>>,
    report: &Report,
) {
    while let Some((photo, item, share)) = take(input, &mut lane) {
        let passed_on = match shielded(|| processor.filter(item, &mut lane)) {
            Ok(item) => pass_on(next, (photo, item, share), &mut lane),
            Err(error) => pass_on(report, (photo, Err(error).into()), &mut lane),
        };
        if !passed_on {
            return;
        }
    }
}

fn encode(
    job: &Job,
    processor: &Processor<'_>,
    input: &Receiver<Parcel<'_>>,
    mut lane: Lane,
    report: &Report,
) {
    while let Some((photo, item, share)) = take(input, &mut lane) {
        let task = &job.tasks[photo];
        let step = || {
            let file = processor.encode(task, &item, &mut lane)?;
            processor.write(task, item, file, &mut lane)
        };
        let outcome = shielded(step).into();
        job.stop_if_full(&outcome);
        drop(share);
        if !pass_on(report, (photo, outcome), &mut lane) {
            return;
        }
    }
}

/// Waits for the next parcel, which shows on the timeline. `None` if there will be no more.
fn take<T>(input: &Receiver<T>, lane: &mut Lane) -> Option<T> {
    let _span = lane.wait("for the stage before");
    input.recv().ok()
}

/// Passes a parcel on. Waiting for room shows on the timeline. Returns false if the next stage is
/// gone, which happens only if not all threads could be started.
fn pass_on<T>(next: &Sender<T>, parcel: T, lane: &mut Lane) -> bool {
    let _span = lane.wait("for the stage behind");
    next.send(parcel).is_ok()
}
