//! `cargo run -p philosophers`: see `--help`, and the README beside this folder.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use anyhow::{Context, Result};
use args::Args;
use clap::Parser;
use philosophers::summary;
use timing::{Look, Run, cli, svg};

mod args;

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    let stop = stop_at_ctrl_c()?;
    let seed = args.seed.unwrap_or_else(|| fastrand::u16(..).into());
    cli::print(&format!("--seed {seed} repeats the times of this run\n"))?;
    let (mut meals, mut fork_runs) = (summary::Meals::default(), Vec::new());
    let mut look = Look {
        act: "eats".to_owned(),
        wait: "is hungry, and waits for a fork".to_owned(),
        empty: "thinks".to_owned(),
        ..Look::default()
    };
    let strategies = cli::chosen(&args.strategies);
    let mut report = args.options.compare(strategies, |strategy, turn| {
        if stop.load(SeqCst) {
            return Ok(String::new());
        }
        turn.heading()?;
        let mut job = args.job(seed, &stop);
        let dinner = turn.record(job.seats, |timeline| {
            if args.forks_svg.is_some() {
                job.observers.fork_timeline = timeline.beside();
            }
            strategy.run(&job, timeline)
        });
        let run = turn.run().context("nothing was recorded")?.clone();
        let wall = run.wall;
        let recording = job.observers.fork_timeline.recording();
        fork_runs.push(Run { recording, ..run });
        let dinner = dinner?;
        if dinner.deadlock.is_some() {
            look.wait = "is hungry, and waits for a fork: in a deadlock for ever".to_owned();
        }
        cli::print(&summary::standstill(&dinner))?;
        meals.add(&turn.name, &dinner, wall);
        if !strategy.allows(&dinner) {
            turn.complain(&dinner.standstill.join("; "));
        }
        Ok(summary::outcome(&dinner))
    })?;
    cli::print(&format!("\n{}\n", meals.draw()))?;
    report.look(look);
    let all_well = report.publish(&args.options)?;
    if let Some(path) = &args.forks_svg {
        let look = Look {
            act: "used: its philosopher eats".to_owned(),
            wait: "held idle: its philosopher waits for the other fork".to_owned(),
            empty: "on the table".to_owned(),
            ..Look::default()
        };
        cli::write(path, &svg::draw_as(&fork_runs, &look, None))?;
    }
    Ok(all_well && !stop.load(SeqCst))
}

/// The first Ctrl-C ends the dinner, and the meals so far are told; the second ends the program at
/// once.
fn stop_at_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let interrupted = Arc::clone(&stop);
    let leave = move || {
        if interrupted.swap(true, SeqCst) {
            std::process::exit(1);
        }
    };
    ctrlc::set_handler(leave).context("can't listen for Ctrl-C")?;
    Ok(stop)
}
