//! False sharing: two threads, each with a counter of its own. If both counters lie on one cache
//! line, the cores take that line from each other at every step, although the threads share no
//! counter.
//!
//!     cargo run -p cpu-bound --example false_sharing

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use crossbeam::utils::CachePadded;
use timing::cli::{self, Effort};
use timing::{Machine, speed_up, units};

const STEPS: u64 = 20_000_000;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    effort: Effort,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let workers = args.effort.workers();
    let near: Vec<AtomicU64> = (0..workers).map(|_| AtomicU64::new(0)).collect();
    let apart: Vec<CachePadded<AtomicU64>> = (0..workers).map(|_| CachePadded::default()).collect();
    let (mut together, mut padded) = (Vec::new(), Vec::new());
    for _ in 0..args.effort.runs_or(5) {
        together.push(time(near.iter()));
        padded.push(time(apart.iter().map(|counter| &**counter)));
    }
    let (together, padded) = (units::median(&together), units::median(&padded));
    let ratio = speed_up(together, padded).unwrap_or(f64::NAN);
    let [together, padded] = [together, padded].map(units::duration);
    let machine = Machine::detect();
    let remark = match workers.min(machine.cores) {
        1 => "One thread at a time: no other core takes its cache line away.\n",
        _ => "",
    };
    let plural = if workers == 1 { "" } else { "s" };
    let text = format!(
        "{workers} thread{plural}, {STEPS} steps each, every thread on a counter of its own \
         ({machine}):\n  \
         counters side by side      {together}\n  \
         each on its own cache line {padded}   {ratio:.1} times as fast\n{remark}"
    );
    cli::exit_code(cli::print(&text).map(|()| true))
}

/// Returns the time that a thread for each counter takes.
fn time<'a>(counters: impl Iterator<Item = &'a AtomicU64>) -> Duration {
    let start = Instant::now();
    thread::scope(|scope| {
        for counter in counters {
            scope.spawn(move || {
                for _ in 0..STEPS {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    start.elapsed()
}
