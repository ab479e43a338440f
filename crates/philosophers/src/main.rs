//! `cargo run -p philosophers`: see `--help`, and the README beside this folder.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use philosophers::outcome::Dinner;
use philosophers::pace::{self, Pause, Until};
use philosophers::{Job, Strategy, Tell, name};
use timing::cli::{self, Options, Report};
use timing::watch::Watch;
use timing::{Run, Timeline, svg, table, units};

/// The dining philosophers, by six rules.
///
/// With no arguments: five philosophers dine by every rule in turn; then the table that compares the rules, and the timelines that
/// show who ate and who waited. `naive` ends in a deadlock, which is noticed, told and left behind.
///
/// Exit status: 0 all ended as their rule has it; 1 something failed, or Ctrl-C; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// How the forks are taken [default: every rule in turn]
    strategies: Vec<Strategy>,

    /// How many sit at the table
    #[arg(long, value_name = "N", default_value = "5", value_parser = seats)]
    philosophers: usize,

    /// How many meals each gets [default: as many as --for allows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "time")]
    meals: Option<u64>,

    /// For how long they dine; nobody begins another round after that
    #[arg(long = "for", id = "time", value_name = "DUR", default_value = "500ms", value_parser = time)]
    time: Duration,

    /// How long each thinks, on average: from nothing to twice as long
    #[arg(long, value_name = "DUR", default_value = "10ms", value_parser = time)]
    think: Duration,

    /// How long each eats, on average
    #[arg(long, value_name = "DUR", default_value = "20ms", value_parser = time)]
    eat: Duration,

    /// Makes these times repeatable [default: other ones each time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Print each step when it is done; of two at the same time either may be told first
    #[arg(long)]
    story: bool,

    /// Write the timelines of the forks as a picture: who has each fork, and eats with it
    #[arg(long, value_name = "FILE")]
    forks_svg: Option<PathBuf>,

    #[command(flatten)]
    options: Options,
}

fn seats(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("with nobody at the table there is nothing to see".to_owned()),
        Ok(1) => Err("one philosopher has one fork, needs two, and would wait for ever".to_owned()),
        Ok(seats @ 2..=1000) => Ok(seats),
        Ok(_) => Err("each is a thread: at most 1000".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    match time <= Duration::from_secs(3600) {
        true => Ok(time),
        false => Err("at most 1h".to_owned()),
    }
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let stop = Arc::new(AtomicBool::new(false));
    let interrupted = Arc::clone(&stop);
    // The first Ctrl-C ends the dinner, and all that was eaten is told; the second one doesn't wait for that.
    let leave = move || {
        if interrupted.swap(true, SeqCst) {
            std::process::exit(1);
        }
    };
    ctrlc::set_handler(leave).context("can't listen for Ctrl-C")?;
    let seed = args.seed.unwrap_or_else(|| fastrand::u16(..).into());
    cli::print(&format!("--seed {seed} repeats the times of this run\n"))?;
    let strategies = match &args.strategies[..] {
        [] => Strategy::value_variants(),
        named => named,
    };
    let mut report = Report::default();
    let (mut forks, mut table) = (Vec::new(), Vec::new());
    let mut well = true;
    for _ in 0..args.options.runs() {
        for strategy in strategies {
            if stop.load(SeqCst) {
                break;
            }
            let name = strategy.name();
            cli::print(&format!("--- {name} ---\n"))?;
            let mut job = job(args, seed, &stop);
            let (dinner, run) = Run::record(&name, args.philosophers, |timeline| {
                if args.forks_svg.is_some() {
                    job.forks = timeline
                        .clock()
                        .map_or_else(Timeline::off, Timeline::on_clock);
                }
                strategy.run(&job, timeline)
            });
            forks.push(Run {
                recording: job.forks.recording(),
                ..run.clone()
            });
            match dinner {
                Ok(dinner) => {
                    cli::print(&told(&dinner))?;
                    table.push(row(&name, &dinner, run.wall));
                    // Only the naive rule may end in a deadlock, and none in anything else.
                    let stuck = dinner.deadlock.is_some() || !dinner.standstill.is_empty();
                    let excused = *strategy == Strategy::Naive && dinner.deadlock.is_some();
                    if stuck && !excused {
                        cli::complain(&format!("error: {name}: {}", dinner.standstill.join("; ")));
                        well = false;
                    }
                    report.add(run.outcome(outcome(&dinner)));
                }
                Err(error) => {
                    cli::complain(&format!("error: {name}: {error:#}"));
                    report.add(run.outcome("failed"));
                    well = false;
                }
            }
        }
    }
    let head = [
        "strategy",
        "meals",
        "a second",
        "longest wait",
        "fairness",
        "outcome",
    ];
    let drawn = table::draw(&head, &["strategy", "outcome"], &table);
    cli::print(&format!("\n{drawn}\n"))?;
    report.publish(&args.options)?;
    if let Some(path) = &args.forks_svg {
        cli::write(path, &svg::draw(&forks))?;
    }
    Ok(well && !stop.load(SeqCst))
}

fn job(args: &Args, seed: u64, stop: &Arc<AtomicBool>) -> Job {
    let mean = Pause {
        think: args.think,
        eat: args.eat,
    };
    let until = match args.meals {
        Some(meals) => Until::Meals(meals),
        None => Until::Time(Instant::now() + args.time),
    };
    let story = || -> Tell {
        Arc::new(|seat, step| {
            // Whoever stops listening to the story may still want the table.
            let _ = cli::print(&format!("{} {step}\n", name(seat)));
        })
    };
    Job {
        // Thinking and eating are no standstill.
        patience: Some(Duration::from_secs(5) + 4 * (args.think + args.eat)),
        watch: Some(Watch::default()),
        stop: Arc::clone(stop),
        tell: args.story.then(story),
        ..Job::new(args.philosophers, pace::random(mean, until, seed))
    }
}

/// What was in the way of more; nothing, if all went well.
fn told(dinner: &Dinner) -> String {
    let mut text = String::new();
    for line in dinner.standstill.iter().take(10) {
        text += &format!("{line}\n");
    }
    if let Some(more) = dinner.standstill.len().checked_sub(11) {
        text += &format!("... and {} more\n", more + 1);
    }
    if let Some(circle) = &dinner.deadlock {
        match circle.links().len() {
            ..=10 => text += &format!("deadlock: {}\n", circle.names()),
            many => text += &format!("deadlock: a circle of {many}\n"),
        }
    }
    text
}

/// A row of the table.
fn row(name: &str, dinner: &Dinner, wall: Duration) -> Vec<String> {
    let a_second = dinner.meals() as f64 / wall.as_secs_f64().max(1e-9);
    vec![
        name.to_owned(),
        dinner.meals().to_string(),
        format!("{a_second:.0}"),
        units::duration(dinner.longest_wait()),
        units::or_dash(dinner.fairness(), |index| format!("{index:.2}")),
        outcome(dinner),
    ]
}

/// In words that fit into a cell.
fn outcome(dinner: &Dinner) -> String {
    if let Some(circle) = &dinner.deadlock {
        return format!("deadlock of {}", circle.links().len());
    }
    let hungry = dinner
        .plates
        .iter()
        .filter(|plate| plate.meals == 0)
        .count();
    match (dinner.standstill.is_empty(), hungry) {
        (false, _) => "standstill".to_owned(),
        (true, 0) => "all ate".to_owned(),
        (true, some) => format!("{some} had nothing"),
    }
}
