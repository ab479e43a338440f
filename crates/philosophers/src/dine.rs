//! What all rules share: a thread for each seat, and a wait until all have left the table, but not
//! for ever.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use timing::watch::Watch;
use timing::{Timeline, workers};

use crate::latch::Latch;
use crate::outcome::{Dinner, End};
use crate::seat::{NAP, Seat};
use crate::sync::{Arc, thread};
use crate::table::{Table, lock};
use crate::{Job, names};

/// A philosopher's thread.
type Thread = thread::JoinHandle<Result<(), End>>;

/// Seats everybody, each with a thread that does `philosopher`, and waits until all have left. If
/// no step is done for as long as the job allows, they are left sitting, and the dinner says who
/// held and awaited what.
///
/// # Errors
/// If a thread can't be started (the others are told to leave), or panics.
pub fn dine<F>(
    job: &Job,
    timeline: &Timeline,
    mut philosopher: impl FnMut(usize) -> F,
) -> Result<Dinner>
where
    F: FnOnce(&mut Seat) -> Result<(), End> + Send + 'static,
{
    let table = Arc::new(Table::new(job.seats));
    let latch = job
        .first_forks_together
        .then(|| Arc::new(Latch::new(job.seats)));
    let seat = |number| {
        // Now, so that the rows of the forks are in their order.
        drop(job.observers.fork_timeline.lane(names::fork(number)));
        Seat::new(number, job, &table, latch.clone(), timeline)
    };
    // All of them before the first thread: if one can't be started, the seats without a thread are
    // dropped, and so nobody waits for them at the latch.
    let seats: Vec<_> = (0..job.seats).map(seat).collect();
    let (left, leaving) = mpsc::channel();
    let mut start = |mut seat: Seat| {
        let (dines, left) = (philosopher(seat.number()), left.clone());
        let name = names::philosopher(seat.number());
        let thread = thread::Builder::new().name(name.clone()).spawn(move || {
            let end = dines(&mut seat);
            drop(seat);
            // Nobody listens any more if the others were given up.
            let _ = left.send(());
            end
        });
        let thread = workers::started(&name, thread);
        thread.inspect_err(|_| table.over.store(true, SeqCst))
    };
    let (mut threads, mut failed) = (Vec::new(), None);
    for seat in seats {
        match start(seat) {
            Ok(thread) => threads.push(thread),
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    drop(left);
    let dinner = clear(job, &table, threads, &leaving);
    failed.map_or(dinner, Err)
}

/// Waits until all have left, and sums up what they had.
fn clear(
    job: &Job,
    table: &Table,
    threads: Vec<Thread>,
    leaving: &mpsc::Receiver<()>,
) -> Result<Dinner> {
    let mut dinner = Dinner::default();
    let all_left = match job.give_up_after {
        Some(limit) => all_leave(leaving, limit, table, job),
        None => true,
    };
    if all_left {
        for (thread, number) in threads.into_iter().zip(0..) {
            match workers::ended(&names::philosopher(number), thread.join())? {
                Err(End::Deadlock(cycle)) => dinner.deadlock = Some(cycle),
                Ok(()) | Err(End::Over) => (),
            }
        }
    } else {
        table.over.store(true, SeqCst);
        if let Some(number) = *lock(&table.panicked) {
            let name = names::philosopher(number);
            return Err(anyhow!("{name} panicked, and others wait for it"));
        }
    }
    dinner.plates = lock(&table.plates).clone();
    dinner.standstill = std::mem::take(&mut *lock(&table.standstill));
    Ok(dinner)
}

/// Waits until nobody is left; `false` if no step was done for as long as `limit`. After the dinner
/// was stopped a second is enough: a sleeper wakes up for that, and a philosopher who does not move
/// within a second never will.
fn all_leave(leaving: &mpsc::Receiver<()>, limit: Duration, table: &Table, job: &Job) -> bool {
    let (mut left, mut quiet) = (0, Quiet::new(Instant::now()));
    loop {
        match leaving.recv_timeout(5 * NAP) {
            Ok(()) => left += 1,
            Err(mpsc::RecvTimeoutError::Disconnected) => return true,
            Err(mpsc::RecvTimeoutError::Timeout) => (),
        }
        let stopped = job.stop.load(SeqCst) || table.over.load(SeqCst);
        let limit = match stopped {
            true => limit.min(Duration::from_secs(1)),
            false => limit,
        };
        let seen = (table.moves.load(SeqCst), left, stopped);
        if quiet.lasts(seen, Instant::now()) >= limit {
            let report = job.observers.watch.as_ref().map(Watch::report);
            let mut standstill = lock(&table.standstill);
            *standstill = vec![format!("nothing moved for {} s", limit.as_secs_f64())];
            standstill.extend(report.unwrap_or_default());
            // The wait-for graph knows only of locks.
            let hungry = table.hungry.iter().enumerate();
            let hungry = hungry.filter(|(_, hungry)| hungry.load(SeqCst));
            let names = hungry.map(|(seat, _)| names::philosopher(seat));
            standstill.extend(names.map(|name| format!("{name} is hungry")));
            return false;
        }
    }
}

/// How many steps were done, how many philosophers have left, and whether the dinner was stopped.
type Seen = (u64, usize, bool);

/// Since when nothing has changed. The end of the dinner is a change, too: those who slept or
/// waited until then have time to notice it.
struct Quiet {
    seen: Seen,
    since: Instant,
}

impl Quiet {
    fn new(since: Instant) -> Self {
        let seen = (0, 0, false);
        Self { seen, since }
    }

    /// Returns how long nothing has changed, if this is what is seen now.
    fn lasts(&mut self, seen: Seen, now: Instant) -> Duration {
        if seen != self.seen {
            *self = Self { seen, since: now };
        }
        now - self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_end_of_the_dinner_the_wait_begins_anew() {
        let begin = Instant::now();
        let mut quiet = Quiet::new(begin);
        let mut lasts = |seen, second| {
            let now = begin + Duration::from_secs(second);
            quiet.lasts(seen, now).as_secs()
        };
        assert_eq!(lasts((0, 0, false), 3), 3);
        assert_eq!(lasts((0, 0, true), 4), 0);
        assert_eq!(lasts((0, 0, true), 5), 1);
        assert_eq!(lasts((0, 1, true), 6), 0);
        assert_eq!(lasts((1, 1, true), 7), 0);
        assert_eq!(lasts((1, 1, true), 9), 2);
    }
}
