//! A task that blocks its thread stops all others on it. `spawn_blocking` runs the blocking call on
//! another thread instead.
//!
//!     cargo run -p async-scrape --example blocking_the_runtime

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use timing::cli::{self, Options, Report};
use timing::{Kind, Run, Timeline, units};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep};

const TICK: Duration = Duration::from_millis(20);
const TICKS: usize = 20;
/// A duration that reading a large file, or looking up a name, can easily take.
const BLOCKED: Duration = Duration::from_millis(200);

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
    for (name, is_offloaded) in [("blocking", false), ("spawn_blocking", true)] {
        let (late, run) = Run::record(name, 1, |timeline| {
            runtime.block_on(all(is_offloaded, timeline))
        });
        report.add(run.outcome(format!("late by up to {}", units::duration(late))));
    }
    report.publish(&args.options)?;
    Ok(true)
}

/// Runs two tasks that tick and one that blocks. Returns the longest delay of a tick.
async fn all(is_offloaded: bool, timeline: &Timeline) -> Duration {
    let mut tasks = JoinSet::new();
    for name in ["ticks", "ticks too"] {
        let mut lane = timeline.lane(name);
        tasks.spawn(async move {
            let mut late = Duration::ZERO;
            for _ in 0..TICKS {
                let (begin, due) = (Instant::now(), Instant::now() + TICK);
                sleep(TICK).await;
                // Since it was due, the task could have gone on: it waited for the thread only.
                lane.between(Kind::Wait, "tick", begin.into_std(), due.into_std());
                lane.past(Kind::Ready, "ready", due.into_std());
                late = late.max(due.elapsed());
            }
            late
        });
    }
    let mut lane = timeline.lane("blocks");
    tasks.spawn(async move {
        sleep(5 * TICK).await;
        let _working = lane.act("blocks");
        if is_offloaded {
            spawn_blocking(|| std::thread::sleep(BLOCKED))
                .await
                .expect("it does not panic");
        } else {
            // No `.await`: no other task gets the thread.
            std::thread::sleep(BLOCKED);
        }
        Duration::ZERO
    });
    let mut late = Duration::ZERO;
    while let Some(task) = tasks.join_next().await {
        late = late.max(task.expect("it does not panic"));
    }
    late
}
