//! Why a philosopher who was called may starve all the same, and what cures it: first in models
//! that have a mutex and a condition variable as they are, then for real, with three philosophers
//! who do not think.
//!
//!     cargo run -p philosophers --example hand_over

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use philosophers::ladder::AnyRule;
use philosophers::pace::{self, Round, Until};
use philosophers::real_locks::{Kind, Model};
use philosophers::{Job, Run, hand_over, monitor, waiter};
use timing::{Timeline, cli, units};

fn main() -> ExitCode {
    cli::exit_code(run())
}

fn run() -> Result<bool> {
    cli::print("                                    starvation under fairness that is\n")?;
    cli::print("rule       seats  mutex        states  deadlock  weak  strong\n")?;
    let word = |is: bool| if is { "yes" } else { "no" };
    for (name, kind) in [
        ("monitor", Kind::Monitor),
        ("waiter", Kind::Waiter),
        ("hand-over", Kind::HandOver),
    ] {
        for (seats, first_come) in [(2, false), (2, true), (3, false), (3, true), (4, true)] {
            let verdict = Model { kind, first_come }.check(seats);
            let [deadlock, _, weak, strong] = verdict.answers().map(word);
            let mutex = ["any order", "first come"][usize::from(first_come)];
            cli::print(&format!(
                "{name:<10} {seats:>5}  {mutex:<10} {:>8}  {deadlock:<8}  {weak:<4}  {strong}\n",
                verdict.states
            ))?;
        }
    }
    cli::print("\n                 meals   longest wait   (three philosophers, one second)\n")?;
    let rules: [(_, Run); 3] = [
        ("monitor", monitor::run),
        ("waiter", waiter::run),
        ("hand-over", hand_over::run),
    ];
    for (name, rule) in rules {
        let round = Round {
            eat: Duration::from_millis(1),
            ..Round::default()
        };
        let end = Until::Time(Instant::now() + Duration::from_secs(1));
        let job = Job::new(3, pace::steady(round, end));
        let dinner = rule(&job, &Timeline::off())?;
        for plate in &dinner.plates {
            let wait = units::duration(plate.longest_wait);
            cli::print(&format!("{name:<10} {:>11} {wait:>14}\n", plate.meals))?;
        }
    }
    Ok(true)
}
