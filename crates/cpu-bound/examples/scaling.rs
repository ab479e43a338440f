//! Counts primes with 1 to N workers: the table, the fit of Amdahl's law, and a plot.
//!
//!     cargo run -p cpu-bound --example scaling
//!     cargo run -p cpu-bound --example scaling -- --workers 8 --svg scaling.svg

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use cpu_bound::scaling::Scaling;
use cpu_bound::{Job, Strategy, Work};
use timing::cli::{self, Effort};
use timing::plot::{self, Series};
use timing::{Machine, Timeline};

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    effort: Effort,

    /// Write the plot as a picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let most = args.effort.workers();
    let repeats = args.effort.runs_or(3);
    let mut failed = None;
    let scaling = Scaling::measure(1..=most, repeats, |workers| {
        let job = Job {
            work: Work::Primes,
            size: 1_000_000,
            workers,
            program: Default::default(),
        };
        failed = Strategy::Rayon
            .run(&job, &Timeline::off())
            .err()
            .or(failed.take());
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let mut text = format!("{scaling}{}.\n", Machine::detect());
    for workers in [4, 16, 64].into_iter().filter(|&workers| workers > most) {
        if let Some(speed_up) = scaling.predict(workers) {
            text += &format!(
                "Prediction, not measured: {speed_up:.1} times as fast with {workers} workers.\n"
            );
        }
    }
    if let Some((contention, coherence)) = usl(&scaling) {
        text += &format!(
            "The Universal Scalability Law fits with {:.1} % contention and {:.2} % coherence: it adds\n\
             to Amdahl's serial part what workers cost each other, and so it can turn down again.\n",
            contention * 100.0,
            coherence * 100.0
        );
    }
    cli::print(&text)?;
    if let Some(path) = &args.svg {
        let measured = scaling.points().iter();
        let measured = measured.filter_map(|p| Some((p.workers as f64, p.speed_up?)));
        let line = |range: RangeInclusive<usize>, f: &dyn Fn(usize) -> Option<f64>| {
            let points = range.filter_map(|n| Some((n as f64, f(n)?)));
            points.collect::<Vec<_>>()
        };
        let (law, end) = (|n| scaling.predict(n), most.max(8));
        let mut series = vec![
            Series::line("ideal", line(1..=end, &|n| Some(n as f64))),
            Series::line("Amdahl's law, fitted to the points", line(1..=most, &law)),
        ];
        if most < end {
            // Nothing was measured there.
            let words = format!("its extrapolation beyond {most}, not measured");
            series.push(Series::line(&words, line(most..=end, &law)));
        }
        series.push(Series::points("measured", measured.collect()));
        cli::write(
            path,
            &plot::draw("Primes by rayon", "workers", "speed-up", &series),
        )?;
    }
    Ok(true)
}

/// Contention and coherence of N. Gunther's Universal Scalability Law, `C(n) = n / (1 + a (n - 1) +
/// b n (n - 1))` (*Guerrilla Capacity Planning*, 2007), by least squares on `n / C(n) - 1`. It
/// takes three points to fit two numbers.
fn usl(scaling: &Scaling) -> Option<(f64, f64)> {
    let points = scaling.points().iter();
    let points: Vec<(f64, f64)> = points
        .filter_map(|p| Some((p.workers as f64, p.speed_up?)))
        .collect();
    let (mut xx, mut xz, mut zz, mut xy, mut zy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for &(n, speed_up) in &points {
        let (x, z, y) = (n - 1.0, n * (n - 1.0), n / speed_up - 1.0);
        (xx, xz, zz) = (xx + x * x, xz + x * z, zz + z * z);
        (xy, zy) = (xy + x * y, zy + z * y);
    }
    let determinant = xx * zz - xz * xz;
    let fitted = points.len() >= 3 && determinant > 0.0;
    // Below zero is noise: no worker makes another faster.
    fitted.then(|| {
        let contention = (xy * zz - zy * xz) / determinant;
        let coherence = (zy * xx - xy * xz) / determinant;
        (contention.max(0.0), coherence.max(0.0))
    })
}
