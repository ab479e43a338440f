//! A line of threads: one decodes, one filters, one encodes, and bounded channels join them. When a
//! stage is slow its channel fills, and the stage before it waits: back-pressure. A line is as fast
//! as its slowest stage.

use std::sync::atomic::AtomicUsize;

use anyhow::Result;
use crossbeam::channel::{Receiver, Sender, bounded, unbounded};
use timing::{Lane, Timeline};

use crate::budget::{Budget, Share};
use crate::shield::shielded;
use crate::{Desk, Item, Job, Outcome, codec};

/// Bytes of pixels that may be on the line at once, however many photos that is.
const IN_FLIGHT: u64 = 160_000_000;

/// How many threads decode, filter and encode.
pub fn threads(workers: usize) -> [usize; 3] {
    [workers.div_ceil(3); 3]
}

/// A photo on the line: its number, its pixels, and its share of the memory.
type Parcel<'a> = (usize, Item, Share<'a>);

/// Does the job on three stages of threads.
///
/// # Errors
/// Never; the signature is every strategy's.
pub fn run(job: &Job, timeline: &Timeline) -> Result<Vec<Outcome>> {
    let [decoders, filters, encoders] = threads(job.workers);
    let desk = Desk::new(&job.settings, decoders + filters + encoders);
    let budget = Budget::new(IN_FLIGHT);
    let begun = AtomicUsize::new(0);
    let (to_filter, decoded) = bounded(1);
    let (to_encoder, filtered) = bounded(1);
    let (report, reports) = unbounded();
    let mut outcomes = vec![Outcome::Skipped; job.tasks.len()];
    std::thread::scope(|scope| {
        let (desk, budget, begun) = (&desk, &budget, &begun);
        for index in 0..decoders {
            let (lane, next) = (timeline.lane(format!("decode {index}")), to_filter.clone());
            let report = report.clone();
            scope.spawn(move || decode(job, desk, budget, begun, lane, &next, &report));
        }
        for index in 0..filters {
            let (lane, next) = (timeline.lane(format!("filter {index}")), to_encoder.clone());
            let (input, report) = (decoded.clone(), report.clone());
            scope.spawn(move || filter(desk, &input, lane, &next, &report));
        }
        for index in 0..encoders {
            let lane = timeline.lane(format!("encode {index}"));
            let (input, report) = (filtered.clone(), report.clone());
            scope.spawn(move || encode(job, desk, &input, lane, &report));
        }
        // A channel ends when its last sender is gone, and so the stages end one after the other.
        drop((to_filter, to_encoder, report));
        for (photo, outcome) in reports {
            outcomes[photo] = outcome;
            job.progress.inc(1);
        }
    });
    Ok(outcomes)
}

type Report = Sender<(usize, Outcome)>;

fn decode<'a>(
    job: &Job,
    desk: &Desk<'_>,
    budget: &'a Budget,
    begun: &AtomicUsize,
    mut lane: Lane,
    next: &Sender<Parcel<'a>>,
    report: &Report,
) {
    while let Some((photo, task)) = job.next(begun) {
        let step = || {
            let file = desk.read(task, &mut lane)?;
            let bytes = codec::probe(&file, desk.settings.limits)? * 3;
            let waiting = lane.wait("memory");
            let share = budget.acquire(bytes);
            drop(waiting);
            Ok((desk.decode(file, &mut lane)?, share))
        };
        match shielded(step) {
            Ok((item, share)) => pass_on(next, (photo, item, share), &mut lane),
            Err(error) => pass_on(report, (photo, Err(error).into()), &mut lane),
        }
    }
}

fn filter<'a>(
    desk: &Desk<'_>,
    input: &Receiver<Parcel<'a>>,
    mut lane: Lane,
    next: &Sender<Parcel<'a>>,
    report: &Report,
) {
    while let Some((photo, item, share)) = take(input, &mut lane) {
        match shielded(|| desk.filter(item, &mut lane)) {
            Ok(item) => pass_on(next, (photo, item, share), &mut lane),
            Err(error) => pass_on(report, (photo, Err(error).into()), &mut lane),
        }
    }
}

fn encode(
    job: &Job,
    desk: &Desk<'_>,
    input: &Receiver<Parcel<'_>>,
    mut lane: Lane,
    report: &Report,
) {
    while let Some((photo, item, share)) = take(input, &mut lane) {
        let task = &job.tasks[photo];
        let step = || {
            let file = desk.encode(task, &item, &mut lane)?;
            desk.save(task, item, file, &mut lane)
        };
        let outcome = shielded(step).into();
        drop(share);
        pass_on(report, (photo, outcome), &mut lane);
    }
}

/// The next parcel; waiting for it shows on the timeline. `None` at the end of the line.
fn take<T>(input: &Receiver<T>, lane: &mut Lane) -> Option<T> {
    let _span = lane.wait("for the stage before");
    input.recv().ok()
}

/// Passes a parcel on; waiting for room shows on the timeline.
fn pass_on<T>(next: &Sender<T>, parcel: T, lane: &mut Lane) {
    let _span = lane.wait("for the stage behind");
    // The stage behind outlives this one: it ends when all its senders are gone.
    let _ = next.send(parcel);
}
