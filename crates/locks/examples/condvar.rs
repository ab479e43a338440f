//! Waiting for something to become true. First a wake-up that is lost, in every run: the waiter looks, the other calls, and
//! only then the waiter begins to listen. Then the cure, and what it is good for: a bounded buffer.
//!
//!     cargo run -p locks --example condvar

use std::process::ExitCode;
use std::sync::Arc;
use std::thread::{self, sleep};
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use locks::buffer::Buffer;
use locks::{signal, sync};
use timing::cli::{self, Options, Report};
use timing::{Run, Timeline};

#[path = "../tests/wrong/signal.rs"]
mod wrong_signal;

const TICK: Duration = Duration::from_millis(100);

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
    for (name, body) in [
        ("lost", lost as fn(&Timeline) -> String),
        ("kept", kept),
        ("buffer", buffer),
    ] {
        let (outcome, run) = Run::record(name, 2, body);
        report.add(run.outcome(outcome));
    }
    report.publish(&args.options)?;
    Ok(true)
}

/// The waiter misses the call, and would wait for ever: five ticks later somebody calls again.
fn lost(timeline: &Timeline) -> String {
    let signal = Arc::new(wrong_signal::Signal::default());
    // In life the gap is some nanoseconds wide, and nearly always nobody falls into it. Here the caller is let in.
    let (looked, called) = (
        Arc::new(sync::Barrier::new(2)),
        Arc::new(sync::Barrier::new(2)),
    );
    let mut lane = timeline.lane("waiter");
    let theirs = (
        Arc::clone(&signal),
        Arc::clone(&looked),
        Arc::clone(&called),
    );
    let waiter = thread::spawn(move || {
        let _waiting = lane.wait("for a call");
        let (signal, looked, called) = theirs;
        signal.wait(|| {
            looked.wait();
            called.wait();
        });
    });
    let mut lane = timeline.lane("caller");
    looked.wait();
    call(&mut lane, || signal.set());
    called.wait();
    let mut calls = 1;
    while !waiter.is_finished() {
        sleep(5 * TICK);
        call(&mut lane, || signal.set());
        calls += 1;
        sleep(TICK);
    }
    format!("woken by call {calls}")
}

/// The waiter holds the lock from its look to its wait. Whether the call comes before, or after, it is heard.
fn kept(timeline: &Timeline) -> String {
    let signal = Arc::new(signal::Signal::default());
    let mut lane = timeline.lane("caller");
    call(&mut lane, || signal.set());
    let mut lane = timeline.lane("waiter");
    let theirs = Arc::clone(&signal);
    let waiter = thread::spawn(move || {
        let _waiting = lane.wait("for a call");
        theirs.wait();
    });
    waiter.join().expect("it does not panic");
    "woken by call 1".to_owned()
}

fn call(lane: &mut timing::Lane, set: impl FnOnce()) {
    let _calling = lane.work("calls");
    set();
    sleep(TICK / 4);
}

/// Who makes is faster than who uses: with room for two it has to wait, and neither gets far ahead.
fn buffer(timeline: &Timeline) -> String {
    let buffer = Arc::new(Buffer::new(2));
    let (mut lane, ours) = (timeline.lane("maker"), Arc::clone(&buffer));
    let maker = thread::spawn(move || {
        for thing in 1..=6 {
            let making = lane.work(thing.to_string());
            sleep(TICK / 4);
            drop(making);
            let _waiting = lane.wait("room");
            ours.put(thing);
        }
    });
    let mut lane = timeline.lane("user");
    for expected in 1..=6 {
        let waiting = lane.wait("a thing");
        let thing = buffer.take();
        assert_eq!(thing, expected);
        drop(waiting);
        let _using = lane.work(thing.to_string());
        sleep(TICK);
    }
    maker.join().expect("it does not panic");
    "6 things, in order".to_owned()
}
