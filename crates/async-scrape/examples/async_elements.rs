//! The elements of asynchronous programming at work: two tasks, and an executor that polls
//! whichever of them can go on.
//!
//!     cargo run -p async-scrape --example async_elements

use std::pin::Pin;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use timing::cli::{self, Options, Report};
use timing::{Kind, Lane, Run, Timeline};
use tokio::task::JoinSet;
use tokio::time::sleep;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    // The executor.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let (polls, run) = Run::record("elements", 1, |timeline| runtime.block_on(all(timeline)));
    for (name, polls) in &polls {
        let awaits = polls - 1;
        cli::print(&format!(
            "{name}: polled {polls} times: once to begin, and once more after each of {awaits} awaits\n"
        ))?;
    }
    cli::print("\n")?;
    let mut report = Report::default();
    let total: usize = polls.iter().map(|(_, polls)| polls).sum();
    report.add(run.outcome(format!("{total} polls")));
    report.publish(&args.options)?;
    Ok(true)
}

async fn all(timeline: &Timeline) -> Vec<(&'static str, usize)> {
    let executor = Arc::new(Mutex::new(timeline.lane("executor")));
    let mut tasks = JoinSet::new();
    for (name, waits) in [("Alice", [60, 90, 30]), ("Bob", [100, 40, 80])] {
        // A future: it does nothing until it is polled.
        let future = Box::pin(work(waits));
        let (lane, executor) = (timeline.lane(name), Arc::clone(&executor));
        // A task: the executor polls it from now on.
        tasks.spawn(Watched {
            future,
            name,
            lane,
            executor,
            polls: 0,
            since: Instant::now(),
        });
    }
    let mut polls = tasks.join_all().await;
    polls.sort_unstable();
    polls
}

/// Computes a little, waits, and so on: three times.
async fn work(waits: [u64; 3]) {
    for ms in waits {
        let until = Instant::now() + Duration::from_millis(20);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        // An await point: here the task gives the thread back.
        sleep(Duration::from_millis(ms)).await;
    }
}

/// A future that records each poll on the timeline.
///
/// The compiler makes a future of every `async` function. This one is written by hand, because what
/// it does is to be seen.
struct Watched {
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
    name: &'static str,
    lane: Lane,
    executor: Arc<Mutex<Lane>>,
    polls: usize,
    since: Instant,
}

impl Future for Watched {
    type Output = (&'static str, usize);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (this, begun) = (&mut *self, Instant::now());
        this.polls += 1;
        let label = if this.polls == 1 {
            "is not polled yet"
        } else {
            "awaits"
        };
        this.lane.between(Kind::Wait, label, this.since, begun);
        let polled = this.future.as_mut().poll(context);
        this.since = Instant::now();
        this.lane.between(Kind::Work, "runs", begun, this.since);
        let mut executor = this.executor.lock().expect("nobody panics");
        executor.between(Kind::Work, this.name, begun, this.since);
        polled.map(|()| (this.name, this.polls))
    }
}
