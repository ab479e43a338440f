//! Draws the table at the moment of the deadlock: who holds which fork, and who waits for which.
//!
//!     cargo run -p philosophers --example draw_table

use std::f64::consts::TAU;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use philosophers::pace::{self, Round, Until};
use philosophers::{Job, Strategy, names};
use timing::watch::Circle;
use timing::{Timeline, cli};

#[derive(Parser)]
struct Args {
    /// Write the picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

const SEATS: usize = 5;

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let job = Job::new(SEATS, pace::steady(Round::default(), Until::Meals(1)));
    let dinner = Strategy::Naive.run(&job, &Timeline::off())?;
    let cycle = dinner.deadlock.context("no deadlock")?;
    for line in &dinner.standstill {
        cli::print(&format!("{line}\n"))?;
    }
    if let Some(path) = &args.svg {
        cli::write(path, &draw(&cycle))?;
    }
    Ok(true)
}

/// A point at a radius around the middle of the picture. Seat 0 is at the top, and the next one to
/// its right.
fn place(seat: f64, radius: f64) -> (f64, f64) {
    let angle = seat / SEATS as f64 * TAU;
    (380.0 + radius * angle.sin(), 190.0 - radius * angle.cos())
}

/// A philosopher is joined by a solid line to the fork that it holds, and by a dashed one to the
/// fork that it waits for.
fn draw(cycle: &Circle) -> String {
    let mut body = "<circle class=\"table\" cx=\"380\" cy=\"190\" r=\"112\"/>\n".to_owned();
    for seat in 0..SEATS {
        let (x, y) = place(seat as f64, 150.0);
        let who = names::philosopher(seat);
        // Fork n lies to the left of seat n: between it and the seat before.
        let link = cycle.links().iter().find(|(waiting, _)| *waiting == who);
        let wanted = link.and_then(|(_, fork)| fork.strip_prefix("fork ")?.parse::<usize>().ok());
        let held = (0..SEATS).find(|fork| {
            let fork = names::fork(*fork);
            let after = cycle.links().iter().position(|(_, wanted)| *wanted == fork);
            after.is_some_and(|index| cycle.links()[(index + 1) % SEATS].0 == who)
        });
        for (fork, class) in [(held, "holds"), (wanted, "waits")] {
            let Some(fork) = fork else { continue };
            let (fx, fy) = place(fork as f64 - 0.5, 84.0);
            let _ = writeln!(
                body,
                "<line class=\"{class}\" x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{fx:.1}\" y2=\"{fy:.1}\"/>"
            );
        }
        let (tx, ty) = place(seat as f64, 170.0);
        let anchor = match tx {
            x if x < 370.0 => "end",
            x if x > 390.0 => "start",
            _ => "middle",
        };
        let _ = writeln!(
            body,
            "<circle class=\"seat\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"9\"/>"
        );
        let _ = writeln!(
            body,
            "<text x=\"{tx:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{who}</text>",
            ty + 5.0
        );
    }
    for fork in 0..SEATS {
        let (x, y) = place(fork as f64 - 0.5, 84.0);
        let (tx, ty) = place(fork as f64 - 0.5, 56.0);
        let _ = writeln!(
            body,
            "<circle class=\"fork\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\"/>"
        );
        let _ = writeln!(
            body,
            "<text class=\"faint\" x=\"{tx:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{fork}</text>",
            ty + 5.0
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 400\" role=\"img\" aria-labelledby=\"what\">\n\
         <title id=\"what\">The table in the moment of the deadlock: {cycle}</title>\n\
         <style>{STYLE}</style>\n<rect class=\"paper\" width=\"760\" height=\"400\" rx=\"6\"/>\n{body}\
         <line class=\"holds\" x1=\"20\" x2=\"60\" y1=\"350\" y2=\"350\"/><text class=\"faint\" x=\"70\" y=\"355\">holds</text>\n\
         <line class=\"waits\" x1=\"20\" x2=\"60\" y1=\"376\" y2=\"376\"/><text class=\"faint\" x=\"70\" y=\"381\">waits for</text>\n</svg>\n"
    )
}

/// The colours of the timelines.
const STYLE: &str = "
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .faint { fill: #59636e }
  .paper { fill: #ffffff }
  .table { fill: #f3f4f6; stroke: #d1d9e0 }
  .seat { fill: #1f2328 }
  .fork { fill: #59636e }
  .holds { stroke: #0a5fc2; stroke-width: 4 }
  .waits { stroke: #b26a00; stroke-width: 3; stroke-dasharray: 7 5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .faint { fill: #9198a1 }
    .paper { fill: #0d1117 }
    .table { fill: #1b222c; stroke: #3d444d }
    .seat { fill: #e6edf3 }
    .fork { fill: #9198a1 }
    .holds { stroke: #58a6ff }
    .waits { stroke: #e3a43b }
  }
";
