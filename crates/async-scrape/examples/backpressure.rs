//! A fast sender and a slow receiver. With an unbounded channel, chunks pile up between the two;
//! with a bounded one the sender has to wait, and with it the server that sends to it.
//!
//!     cargo run -p async-scrape --example backpressure

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use timing::cli::{self, Options, Report};
use timing::{Run, Timeline};
use tokio::sync::mpsc;
use tokio::time::sleep;

const CHUNKS: usize = 40;
const RECEIVE: Duration = Duration::from_millis(2);
const WRITE: Duration = Duration::from_millis(10);
const ROOM: usize = 4;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let mut report = Report::default();
    // A channel with room for all chunks behaves as an unbounded one.
    for (name, room) in [("unbounded", CHUNKS), ("bounded", ROOM)] {
        let (most, run) = Run::record(name, 1, |timeline| runtime.block_on(pass(room, timeline)));
        report.add(run.outcome(format!("up to {most} chunks in memory")));
    }
    report.publish(&args.options)?;
    Ok(true)
}

/// Passes all chunks through a channel. Returns the most chunks that were in memory at the same
/// time: in the channel, or held by the sender or the receiver.
async fn pass(room: usize, timeline: &Timeline) -> usize {
    let (sender, mut receiver) = mpsc::channel(room);
    let (held, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut lane = timeline.lane("network");
    let (theirs, peak) = (Arc::clone(&held), Arc::clone(&most));
    let network = tokio::spawn(async move {
        for chunk in 0..CHUNKS {
            let receiving = lane.act("receive");
            sleep(RECEIVE).await;
            drop(receiving);
            peak.fetch_max(theirs.fetch_add(1, Relaxed) + 1, Relaxed);
            let _waiting = lane.wait("room");
            if sender.send(chunk).await.is_err() {
                break;
            }
        }
    });
    let mut lane = timeline.lane("disk");
    while let Some(_chunk) = receiver.recv().await {
        let _writing = lane.act("write");
        sleep(WRITE).await;
        held.fetch_sub(1, Relaxed);
    }
    network.await.expect("it does not panic");
    most.load(Relaxed)
}
