//! Waiting for a condition. First a lost wake-up, in every run: the waiter looks at the flag, the
//! caller calls, and only then does the waiter begin to listen. Then the cure, and what condition
//! variables are used for: a bounded buffer.
//!
//!     cargo run -p locks --example condvar

use std::process::ExitCode;
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle, sleep};
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use locks::buffer::Buffer;
use locks::signal::{self, Signal};
use timing::cli::{self, Options, Report};
use timing::workers::{ended, started};
use timing::{Lane, Run, Timeline};

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
        ("lost", lost as fn(&Timeline) -> Result<String>),
        ("kept", kept),
        ("buffer", buffer),
    ] {
        let (outcome, run) = Run::record(name, 2, body);
        report.add(run.outcome(outcome?));
    }
    report.publish(&args.options)
}

/// The waiter misses the call, and would wait for ever: five ticks later the caller calls again.
fn lost(timeline: &Timeline) -> Result<String> {
    let signal = Arc::new(Signal::default());
    // Left to chance, the gap is some nanoseconds wide, and a call hardly ever falls into it. Here
    // the waiter stays in the gap until the caller has called.
    let looked = Arc::new(Barrier::new(2));
    let called = Arc::new(Barrier::new(2));
    let waiter = spawn("waiter", timeline, {
        let (signal, looked, called) = (signal.clone(), looked.clone(), called.clone());
        move |lane| {
            let _waiting = lane.wait("for a call");
            wrong_signal::wait(&signal, || {
                looked.wait();
                called.wait();
            });
        }
    })?;
    let mut lane = timeline.lane("caller");
    looked.wait();
    call(&mut lane, &signal);
    called.wait();
    let mut calls = 1;
    while !waiter.is_finished() {
        sleep(5 * TICK);
        call(&mut lane, &signal);
        calls += 1;
        sleep(TICK);
    }
    ended("waiter", waiter.join())?;
    Ok(format!("woken by call {calls}"))
}

/// The waiter holds the lock from its look until it listens. It hears the call, or sees the flag.
fn kept(timeline: &Timeline) -> Result<String> {
    let signal = Arc::new(Signal::default());
    let mut lane = timeline.lane("caller");
    call(&mut lane, &signal);
    let waiter = spawn("waiter", timeline, move |lane| {
        let _waiting = lane.wait("for a call");
        signal.wait();
    })?;
    ended("waiter", waiter.join())?;
    Ok("woken by call 1".to_owned())
}

fn call(lane: &mut Lane, signal: &Signal) {
    let _calling = lane.act("calls");
    signal.set();
    sleep(TICK / 4);
}

/// The producer is faster than the consumer. With room for two items it has to wait for the
/// consumer, and cannot get far ahead.
fn buffer(timeline: &Timeline) -> Result<String> {
    let buffer = Arc::new(Buffer::new(2));
    let items = Arc::clone(&buffer);
    let producer = spawn("maker", timeline, move |lane| {
        for item in 1..=6 {
            let making = lane.act(item.to_string());
            sleep(TICK / 4);
            drop(making);
            let _waiting = lane.wait("room");
            items.put(item);
        }
    })?;
    let mut lane = timeline.lane("user");
    for expected in 1..=6 {
        let waiting = lane.wait("a thing");
        let item = buffer.take();
        assert_eq!(item, expected);
        drop(waiting);
        let _using = lane.act(item.to_string());
        sleep(TICK);
    }
    ended("maker", producer.join())?;
    Ok("6 things, in order".to_owned())
}

fn spawn(
    name: &str,
    timeline: &Timeline,
    work: impl FnOnce(&mut Lane) + Send + 'static,
) -> Result<JoinHandle<()>> {
    let mut lane = timeline.lane(name);
    let thread = thread::Builder::new().name(name.to_owned());
    started(name, thread.spawn(move || work(&mut lane)))
}
