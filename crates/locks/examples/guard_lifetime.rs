//! A lock that is held longer than it looks. A guard without a name lives until the end of its
//! statement, and an `if let` with its whole block is one statement. So is a `while let`, and a
//! `match`.
//!
//!     cargo run -p locks --example guard_lifetime

use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use timing::cli::{self, Options, Report};
use timing::workers::{ended, started};
use timing::{Kind, Lane, Run, Timeline};

const TICK: Duration = Duration::from_millis(100);

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    options: Options,
}

type Queue = Mutex<Vec<u32>>;

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let mut report = Report::default();
    for (name, worker) in [
        ("if let", if_let as fn(&Queue, &mut Lane)),
        ("let", let_first),
    ] {
        let (result, run) = Run::record(name, 2, |timeline| two_workers(worker, timeline));
        result?;
        let peak = run.recording.peak(Kind::Act);
        report.add(run.outcome(format!("{peak} at a time")));
    }
    report.publish(&args.options)?;
    cli::print(&format!(
        "\nin the else of an if let, the lock is {}\n",
        in_else()
    ))?;
    Ok(true)
}

fn two_workers(worker: fn(&Queue, &mut Lane), timeline: &Timeline) -> Result<()> {
    let queue = Arc::new(Mutex::new((1..=6).rev().collect::<Vec<_>>()));
    let threads = [0, 1].map(|number| {
        let name = format!("worker {number}");
        let (queue, mut lane) = (Arc::clone(&queue), timeline.lane(&name));
        let thread = thread::Builder::new().name(name.clone());
        let thread = thread.spawn(move || worker(&queue, &mut lane));
        started(&name, thread).map(|thread| (name, thread))
    });
    // All threads that were started are joined, before the first error is returned.
    let ends = threads.map(|thread| thread.and_then(|(name, thread)| ended(&name, thread.join())));
    ends.into_iter().collect()
}

/// The guard is a temporary of the condition, and lives until the end of the block: the other
/// worker waits for all of this one's work.
fn if_let(queue: &Queue, lane: &mut Lane) {
    loop {
        let waiting = lane.wait("lock");
        if let Some(job) = queue.lock().expect("not poisoned").pop() {
            drop(waiting);
            work(job, lane);
        } else {
            break;
        }
    }
}

/// The guard lives until the semicolon.
fn let_first(queue: &Queue, lane: &mut Lane) {
    loop {
        let waiting = lane.wait("lock");
        let job = queue.lock().expect("not poisoned").pop();
        drop(waiting);
        let Some(job) = job else { break };
        work(job, lane);
    }
}

fn work(job: u32, lane: &mut Lane) {
    let _working = lane.act(job.to_string());
    sleep(TICK);
}

/// Whether the lock is held in the `else` of an `if let` whose condition locks it.
///
/// Before edition 2024 the guard lived until the end of the `else`, and a thread that locked again
/// there waited for itself.
fn in_else() -> &'static str {
    let queue = Queue::default();
    if let Some(job) = queue.lock().expect("not poisoned").pop() {
        unreachable!("{job} in an empty queue");
    } else if queue.try_lock().is_ok() {
        "free (edition 2024; before, it was held)"
    } else {
        "held"
    }
}
