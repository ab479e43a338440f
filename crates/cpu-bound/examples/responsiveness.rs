//! One thread does a little work every 10 ms, beside another that computes without end. How late is
//! its work? First both threads are free, then they share an interpreter lock.
//!
//!     cargo run -p cpu-bound --example responsiveness

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use cpu_bound::Work;
use cpu_bound::interpreter_lock::InterpreterLock;
use timing::cli::{self, Options, Report};
use timing::{Run, Timeline, units};

const EVERY: Duration = Duration::from_millis(10);
const TICKS: usize = 40;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let mut report = Report::default();
    for (name, lock) in [("free", None), ("gil", Some(InterpreterLock::default()))] {
        let (late, run) = Run::record(name, 2, |timeline| beside(lock.as_ref(), timeline));
        let median = units::duration(units::median(&late));
        report.add(run.outcome(format!("late by {median}")));
    }
    report.publish(&args.options)?;
    Ok(true)
}

/// Returns how late each tick was, with the lock or without one.
fn beside(lock: Option<&InterpreterLock>, timeline: &Timeline) -> Vec<Duration> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut lane = timeline.lane("busy");
            while !over.load(Ordering::Relaxed) {
                lock.inspect(|lock| lock.take());
                let working = lane.work("computes");
                // Without a lock there is no drop request: a stretch has its full length.
                let begin = Instant::now();
                while begin.elapsed() < EVERY && !lock.is_some_and(InterpreterLock::is_wanted) {
                    Work::Countdown.part(0..10_000);
                }
                drop(working);
                lock.inspect(|lock| lock.release());
            }
        });
        let mut lane = timeline.lane("ticks");
        let late = (0..TICKS).map(|_| {
            // A sleeping thread needs no lock, and CPython releases it.
            thread::sleep(EVERY);
            let due = Instant::now();
            let ready = lane.ready("the lock");
            lock.inspect(|lock| lock.take());
            drop(ready);
            let late = due.elapsed();
            {
                let _span = lane.work("tick");
                Work::Countdown.part(0..200_000);
            }
            lock.inspect(|lock| lock.release());
            late
        });
        let late = late.collect();
        over.store(true, Ordering::Relaxed);
        late
    })
}
