//! Amdahl's law, predicted and measured side by side: one thread does a part of the work, and all
//! workers share the rest.
//!
//!     cargo run -p cpu-bound --example amdahl

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use cpu_bound::scaling::amdahl;
use cpu_bound::{Job, Strategy, Work};
use timing::cli::{self, Effort};
use timing::{Machine, Timeline, speed_up, units};

/// The steps of the countdown: some tenths of a second. A system may take milliseconds to move a
/// new thread to an idle core, and in a shorter run that would look like serial work.
const SIZE: u64 = 1_000_000_000;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    effort: Effort,
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let workers = args.effort.workers();
    let mut text = format!(
        "{workers} workers, {}.\n\nserial    predicted    measured\n",
        Machine::detect()
    );
    for percent in [0, 5, 10, 25, 50, 100] {
        let (mut alone, mut shared) = (Vec::new(), Vec::new());
        for _ in 0..args.effort.runs_or(3) {
            alone.push(time(100, 1)?);
            shared.push(time(percent, workers)?);
        }
        let measured = speed_up(units::median(&alone), units::median(&shared)).unwrap_or(f64::NAN);
        let predicted = amdahl(percent as f64 / 100.0, workers);
        text += &format!("{percent:>4} %    {predicted:>9.2}    {measured:>8.2}\n");
    }
    cli::print(&text)?;
    Ok(true)
}

/// Returns the time for all of the work, of which this thread alone does so many per cent.
// ANCHOR: time
fn time(percent: u64, workers: usize) -> Result<Duration> {
    let serial = SIZE * percent / 100;
    let job = Job {
        work: Work::Countdown,
        size: SIZE - serial,
        workers,
        program: Default::default(),
    };
    let start = Instant::now();
    std::hint::black_box(job.work.part(0..serial));
    Strategy::Threads.run(&job, &Timeline::off())?;
    Ok(start.elapsed())
}
// ANCHOR_END: time
