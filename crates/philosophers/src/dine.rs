//! What all strategies share: a thread for each seat, and somebody who waits until all have left, but not for ever.

use std::any::Any;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use timing::Timeline;
use timing::watch::Watch;

use crate::outcome::{Dinner, End};
use crate::seat::{NAP, Seat, Table, lock};
use crate::sync::{Arc, thread};
use crate::{Job, fork};

/// Seats everybody, each with a thread that does `philosopher`, and waits until all have left; or until nothing has moved for
/// as long as the job's patience lasts: then they are left sitting, and the dinner says who held and awaited what.
///
/// # Errors
/// If a thread can't be started, or panics.
pub fn dine<F>(
    job: &Job,
    timeline: &Timeline,
    mut philosopher: impl FnMut(usize) -> F,
) -> Result<Dinner>
where
    F: FnOnce(&mut Seat) -> Result<(), End> + Send + 'static,
{
    let table = Arc::new(Table::new(job.seats));
    let (left, leaving) = mpsc::channel();
    let mut threads = Vec::new();
    for number in 0..job.seats {
        let mut seat = Seat::new(number, job, &table, timeline);
        // Now, so that the forks' rows are in their order.
        drop(job.forks.lane(fork::name(number)));
        let (dines, left) = (philosopher(number), left.clone());
        let builder = thread::Builder::new().name(crate::name(number));
        let started = builder.spawn(move || {
            let end = dines(&mut seat);
            drop(seat);
            // Nobody listens any more if the others were given up.
            let _ = left.send(());
            end
        });
        match started {
            Ok(thread) => threads.push(thread),
            Err(error) => {
                table.over.store(true, SeqCst);
                return Err(error)
                    .with_context(|| format!("can't start a thread for {}", crate::name(number)));
            }
        }
    }
    drop(left);
    let mut dinner = Dinner::default();
    let gave_up = job
        .patience
        .is_some_and(|patience| !all_leave(&leaving, patience, &table, job));
    if gave_up {
        table.over.store(true, SeqCst);
        if let Some(number) = *lock(&table.panicked) {
            return Err(anyhow!(
                "{} panicked, and others wait for it",
                crate::name(number)
            ));
        }
    } else {
        for (thread, number) in threads.into_iter().zip(0..) {
            let ended = thread.join();
            match ended.map_err(|panic| panicked(number, &*panic))? {
                Err(End::Deadlock(circle)) => dinner.deadlock = Some(circle),
                Ok(()) | Err(End::Over) => (),
            }
        }
    }
    dinner.plates = lock(&table.plates).clone();
    dinner.standstill = std::mem::take(&mut *lock(&table.standstill));
    Ok(dinner)
}

/// Waits until nobody is left; `false` if nothing has moved for so long. When the dinner was stopped from outside a second is enough:
/// who sleeps wakes up for that, and who does not move then never will.
fn all_leave(leaving: &mpsc::Receiver<()>, patience: Duration, table: &Table, job: &Job) -> bool {
    let (mut moves, mut since) = (0, Instant::now());
    loop {
        match leaving.recv_timeout(5 * NAP) {
            Ok(()) => since = Instant::now(),
            Err(mpsc::RecvTimeoutError::Disconnected) => return true,
            Err(mpsc::RecvTimeoutError::Timeout) => (),
        }
        let now = table.moves.load(SeqCst);
        if now != moves {
            (moves, since) = (now, Instant::now());
        }
        let patience = match job.stop.load(SeqCst) || table.over.load(SeqCst) {
            true => patience.min(Duration::from_secs(1)),
            false => patience,
        };
        if since.elapsed() >= patience {
            let report = job.watch.as_ref().map(Watch::report).unwrap_or_default();
            let mut standstill = lock(&table.standstill);
            *standstill = vec![format!("nothing moved for {} s", patience.as_secs_f64())];
            standstill.extend(report);
            // The graph knows only of locks.
            let hungry = table.hungry.iter().enumerate();
            let hungry = hungry.filter(|(_, hungry)| hungry.load(SeqCst));
            standstill.extend(hungry.map(|(seat, _)| format!("{} is hungry", crate::name(seat))));
            return false;
        }
    }
}

fn panicked(number: usize, payload: &(dyn Any + Send)) -> anyhow::Error {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    anyhow!(
        "{} panicked: {}",
        crate::name(number),
        text.unwrap_or("without words")
    )
}
