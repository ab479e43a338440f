//! One task that blocks its thread stops all others on it. First it does, then the blocking call is given to a thread for such calls.
//!
//!     cargo run -p async-scrape --example blocking_the_runtime

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use timing::cli::{self, Options, Report};
use timing::{Run, Timeline, units};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep};

const TICK: Duration = Duration::from_millis(20);
const TICKS: usize = 20;
/// What a large file, or a name that has to be looked up, can easily take.
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
    for (name, aside) in [("blocking", false), ("spawn_blocking", true)] {
        let (late, run) = Run::record(name, 1, |timeline| runtime.block_on(all(aside, timeline)));
        report.add(run.outcome(format!("late by up to {}", units::duration(late))));
    }
    report.publish(&args.options)?;
    Ok(true)
}

/// Two tasks that tick, and one that blocks; the longest that a tick came too late.
async fn all(aside: bool, timeline: &Timeline) -> Duration {
    let mut tasks = JoinSet::new();
    for name in ["ticks", "ticks too"] {
        let mut lane = timeline.lane(name);
        tasks.spawn(async move {
            let mut late = Duration::ZERO;
            for _ in 0..TICKS {
                let due = Instant::now() + TICK;
                let waiting = lane.wait("tick");
                sleep(TICK).await;
                drop(waiting);
                late = late.max(due.elapsed());
            }
            late
        });
    }
    let mut lane = timeline.lane("blocks");
    tasks.spawn(async move {
        sleep(5 * TICK).await;
        let _working = lane.work("blocks");
        if aside {
            spawn_blocking(|| std::thread::sleep(BLOCKED))
                .await
                .expect("it does not panic");
        } else {
            // No `.await`: nobody else gets the thread.
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
