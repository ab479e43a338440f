//! How small may a task be? The primes are split into ever larger tasks, which run on all cores and
//! on one. Below some size, handing out a task costs more than doing it.
//!
//!     cargo run -p cpu-bound --example granularity
//!     cargo run -p cpu-bound --example granularity -- --svg granularity.svg

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use cpu_bound::Work;
use timing::cli::{self, Effort};
use timing::plot::{self, Series};
use timing::{Machine, speed_up, units};

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    effort: Effort,

    /// The numbers that are looked at. Small ones cost only some nanoseconds each
    #[arg(
        long, value_name = "N", default_value_t = 200_000,
        value_parser = clap::value_parser!(u64).range(1..=1_000_000_000),
    )]
    size: u64,

    /// Write the plot as a picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.effort.workers())
        .build()?;
    let mut points = Vec::new();
    let mut text =
        String::from("numbers a task    one after the other    in parallel    speed-up\n");
    let size = args.size;
    let grains = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000];
    let smaller = grains.into_iter().filter(|grain| *grain < size);
    for grain in smaller.chain([size]) {
        let (mut alone, mut together) = (Vec::new(), Vec::new());
        for _ in 0..args.effort.runs_or(9) {
            alone.push(time(|| {
                tasks(size, grain).map(|task| Work::Primes.part(task)).sum()
            }));
            together.push(time(|| pool.install(|| spawn_each(size, grain))));
        }
        let (alone, together) = (units::median(&alone), units::median(&together));
        let faster = speed_up(alone, together).unwrap_or(f64::NAN);
        points.push((grain as f64, faster));
        let [alone, together] = [alone, together].map(units::duration);
        text += &format!("{grain:>14}    {alone:>19}    {together:>11}    {faster:>8.2}\n");
    }
    match points.iter().find(|(_, faster)| *faster > 1.1) {
        Some((grain, _)) => {
            text += &format!("\nParallel first wins by a tenth at {grain} numbers a task");
        }
        None => text += "\nParallel never wins by a tenth",
    }
    text += &format!(" ({}).\n", Machine::detect());
    cli::print(&text)?;
    if let Some(path) = &args.svg {
        let even = points.iter().map(|&(grain, _)| (grain, 1.0)).collect();
        let series = [
            Series::line("no gain", even),
            Series::points("measured", points),
        ];
        let picture = plot::draw_log_x(
            "How small may a task be?",
            "numbers a task",
            "speed-up",
            &series,
        );
        cli::write(path, &picture)?;
    }
    Ok(true)
}

fn tasks(size: u64, grain: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    (0..size)
        .step_by(grain as usize)
        .map(move |start| start..(start + grain).min(size))
}

/// Counts all primes; each task is handed out alone.
// ANCHOR: spawn_each
fn spawn_each(size: u64, grain: u64) -> u64 {
    let sum = AtomicU64::new(0);
    rayon::scope(|scope| {
        for task in tasks(size, grain) {
            let sum = &sum;
            scope.spawn(move |_| {
                sum.fetch_add(Work::Primes.part(task), Ordering::Relaxed);
            });
        }
    });
    sum.into_inner()
}
// ANCHOR_END: spawn_each

fn time(work: impl FnOnce() -> u64) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}
