//! Predicts how long more ranks than this machine has would take for a large folder, from what
//! photos cost here.
//!
//!     cargo run -p imgproc --example cluster_model
//!     cargo run -p imgproc --example cluster_model -- --disk 100000 --sorted --svg model.svg

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use imgproc::filter::{Filter, Grey};
use imgproc::{Job, Settings, Strategy, files, samples};
use indicatif::ProgressBar;
use timing::cli::{self, print};
use timing::plot::{self, Series};
use timing::{Kind, Run, table, units};

use cluster::{Cluster, Cost, Prediction, Split, simulate};

mod cluster;

#[derive(Parser)]
struct Args {
    /// The photos that are measured, instead of the samples
    #[arg(short, long, value_name = "PATH", num_args = 1..)]
    input: Vec<PathBuf>,

    /// Photos in the large folder, which has the measured ones again and again
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    photos: u32,

    /// Milliseconds until the ranks have been started
    #[arg(long, value_name = "MS", default_value_t = 360)]
    start: u64,

    /// Microseconds from one rank to another
    #[arg(long, value_name = "US", default_value_t = 500)]
    latency: u64,

    /// Microseconds that rank 0 needs to answer a request
    #[arg(long, value_name = "US", default_value_t = 8)]
    answer: u64,

    /// Megabytes a second of the shared disk
    #[arg(long, value_name = "MB", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    disk: u64,

    /// In the large folder, copies of one photo follow each other, the cheapest first
    #[arg(long)]
    sorted: bool,

    /// Write the efficiencies as a picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let measured = measure(&args.input)?;
    let all = args.photos as usize;
    let mut photos: Vec<_> = measured.iter().copied().cycle().take(all).collect();
    if args.sorted {
        photos.sort_by_key(|photo| photo.compute);
    }
    let (mean, deviation) = spread(&measured);
    let bytes: u64 = measured.iter().map(|cost| cost.bytes).sum();
    print(&format!(
        "Measured here, {} photos: {mean} of a core each, standard deviation {deviation}; {:.1} MB\n\
         read and written. Given: {} ms to start, {} µs to another rank, {} µs for rank 0 to\n\
         answer, a shared disk of {} MB/s.\n\n\
         PREDICTED, not measured, for {all} photos:\n",
        measured.len(),
        bytes as f64 / measured.len() as f64 / 1e6,
        args.start,
        args.latency,
        args.answer,
        args.disk,
    ))?;
    let at = |ranks, split| {
        let cluster = Cluster {
            ranks,
            start: Duration::from_millis(args.start),
            latency: Duration::from_micros(args.latency),
            answer: Duration::from_micros(args.answer),
            disk: args.disk * 1_000_000,
        };
        simulate(&photos, &cluster, split)
    };
    let one = at(1, Split::Dynamic).wall;
    let speed_up = |run: &Prediction| one.as_secs_f64() / run.wall.as_secs_f64();
    let rows = [1, 2, 8, 64, 1_024].map(|ranks| {
        let (dynamic, fixed) = (at(ranks, Split::Dynamic), at(ranks, Split::Static));
        let share = |part: Duration| {
            let share = part.as_secs_f64() / dynamic.wall.as_secs_f64();
            format!("{:.0} %", share * 100.0)
        };
        vec![
            ranks.to_string(),
            units::duration(dynamic.wall),
            format!("{:.1}", speed_up(&dynamic)),
            share(Duration::from_millis(args.start)),
            share(dynamic.disk),
            share(dynamic.answering),
            share(dynamic.tail),
            units::duration(fixed.wall),
            format!("{:.1}", speed_up(&fixed)),
        ]
    });
    let head = [
        "ranks", "mpi", "speed-up", "start", "disk", "rank 0", "tail", "static", "speed-up",
    ];
    print(&table::draw(&head, &[], &rows))?;
    print(
        "\nstart, disk, rank 0: how much of the time of mpi the ranks were being started, the disk was\n\
         busy, and rank 0 was busy with answers. Near 100 %, it is what bounds the whole. tail: how long\n\
         the mean rank had nothing left to do.\n",
    )?;
    if let Some(path) = &args.svg {
        let efficiency = |split| {
            let powers = (0..=10).map(|power| 1_usize << power);
            let at = |n| (n as f64, 100.0 * speed_up(&at(n, split)) / n as f64);
            powers.map(at).collect()
        };
        let series = [
            Series::line("one by one (mpi)", efficiency(Split::Dynamic)),
            Series::line("all at the start (mpi-static)", efficiency(Split::Static)),
        ];
        let title = format!("Predicted, not measured: {all} photos");
        let picture = plot::draw_log_x(&title, "ranks", "efficiency, %", &series);
        cli::write(path, &picture)?;
    }
    Ok(true)
}

/// Processes the photos once, by `sequential`, and returns what each cost.
fn measure(input: &[PathBuf]) -> Result<Vec<Cost>> {
    let folder = tempfile::tempdir().context("a temporary folder")?;
    let output = folder.path().join("out");
    let input = match input {
        [] => &samples::enlarge_into(&folder.path().join("in"), 4)?,
        named => named,
    };
    let found = files::find(input, &output);
    let (tasks, _) = files::place(&found.found, &output, None);
    let job = Job {
        tasks,
        settings: Settings::new(Filter::Grey(Grey)),
        workers: 1,
        program: PathBuf::new(),
        stop: Default::default(),
        progress: ProgressBar::hidden(),
        on_outcome: None,
    };
    let (outcomes, run) = Run::record("sequential", 1, |timeline| {
        Strategy::Sequential.run(&job, timeline)
    });
    // One photo after the other: each begins with its only "read".
    let spans = run.recording.rows.iter().flat_map(|row| &row.spans);
    let mut computed = Vec::new();
    for span in spans {
        match span.kind {
            Kind::Wait if span.label == "read" => computed.push(0),
            Kind::Wait | Kind::Act | Kind::Ready => {}
            Kind::Work => *computed.last_mut().context("no read")? += span.end_ns - span.start_ns,
        }
    }
    let costs = computed
        .into_iter()
        .zip(outcomes?)
        .filter_map(|(ns, outcome)| {
            let done = outcome.done()?;
            Some(Cost {
                compute: Duration::from_nanos(ns),
                bytes: done.bytes_in + done.bytes_out,
            })
        });
    let costs: Vec<_> = costs.collect();
    anyhow::ensure!(!costs.is_empty(), "no photo that could be done");
    Ok(costs)
}

/// Returns the mean and the standard deviation of the computing, in words.
fn spread(costs: &[Cost]) -> (String, String) {
    let count = costs.len() as f64;
    let seconds = || costs.iter().map(|cost| cost.compute.as_secs_f64());
    let mean = seconds().sum::<f64>() / count;
    let variance = seconds().map(|s| (s - mean).powi(2)).sum::<f64>() / count;
    let words = |seconds| units::duration(Duration::from_secs_f64(seconds));
    (words(mean), words(variance.sqrt()))
}
