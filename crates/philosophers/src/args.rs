//! The command line of the lesson, and the job that it asks for.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use clap::Parser;
use philosophers::pace::{self, Round, Until};
use philosophers::{Job, OnStep, Strategy, names};
use timing::cli::{self, Options};

const UP_TO_AN_HOUR: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(3600);

/// The dining philosophers, by six rules.
///
/// With no arguments five philosophers dine by every rule in turn. It prints a table that compares
/// the rules, and draws a timeline of each. `naive` ends in a deadlock, which is noticed and
/// reported, and the next rule follows.
///
/// Exit status: 0 each dinner ended as its rule says; 1 something failed, or Ctrl-C; 2 wrong
/// arguments.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// The rules for taking the forks [default: every rule in turn]
    pub strategies: Vec<Strategy>,

    /// The number of philosophers at the table
    #[arg(long, value_name = "N", default_value = "5", value_parser = seats)]
    pub philosophers: usize,

    /// The number of meals of each [default: as many as --for allows]
    #[arg(
        long, value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..),
        conflicts_with = "time",
    )]
    pub meals: Option<u64>,

    /// The length of the dinner; nobody begins another round after that
    #[arg(
        long = "for", id = "time", value_name = "DUR", default_value = "500ms",
        value_parser = cli::duration(UP_TO_AN_HOUR),
    )]
    pub time: Duration,

    /// The average time of thinking; a single one is from nothing to twice as long
    #[arg(
        long, value_name = "DUR", default_value = "10ms",
        value_parser = cli::duration(UP_TO_AN_HOUR),
    )]
    pub think: Duration,

    /// The average time of eating
    #[arg(
        long, value_name = "DUR", default_value = "20ms",
        value_parser = cli::duration(UP_TO_AN_HOUR),
    )]
    pub eat: Duration,

    /// The seed of these times: the same seed repeats them [default: another one each time]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Print each step when it is done; of two at the same time either may be printed first
    #[arg(long)]
    pub story: bool,

    /// Write the timelines of the forks as a picture: who holds each fork, and who eats with it
    #[arg(long, value_name = "FILE")]
    pub forks_svg: Option<PathBuf>,

    #[command(flatten)]
    pub options: Options,
}

impl Args {
    /// What the arguments ask for. `stop` ends the dinner.
    pub fn job(&self, seed: u64, stop: &Arc<AtomicBool>) -> Job {
        let (think, eat, busy) = (self.think, self.eat, false);
        let until = match self.meals {
            Some(meals) => Until::Meals(meals),
            None => Until::Time(Instant::now() + self.time),
        };
        let pace = pace::random(Round { think, eat, busy }, until, seed);
        let mut job = Job::new(self.philosophers, pace);
        // Thinking and eating are no standstill.
        job.give_up_after = Some(Duration::from_secs(5) + 4 * (think + eat));
        job.stop = Arc::clone(stop);
        let story: OnStep = Arc::new(|seat, step| {
            // A user who closes stdout during the story may still want the files.
            let _ = cli::print(&format!("{} {step}\n", names::philosopher(seat)));
        });
        job.observers.on_step = self.story.then_some(story);
        job
    }
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
