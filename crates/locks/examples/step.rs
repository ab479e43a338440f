//! Be the scheduler: step through the lesson's own files, one thread at a time, and break them if
//! you can. Without a name it lists the puzzles.
//!
//!     cargo run -p locks --example step -- race

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
pub use locks::{Counted, Job, Tell};
use timing::proof::game::{self, Options, Puzzle, Wanted};
use timing::proof::step::{Body, Program};
use timing::proof::{Story, Verdict};
use timing::{Timeline, cli};

// The files of the lesson are compiled once more below, and find this `crate::sync`.
/// Locks, atomics and threads that announce what they are about to do.
pub mod sync {
    pub use timing::proof::world::{sync::*, thread};
}
macro_rules! mount {
    ($($name:ident $path:literal)*) => {
        $(#[allow(dead_code, unreachable_pub, missing_docs)] #[path = $path] pub mod $name;)*
        /// The texts of the files.
        const FILES: &[(&str, &str)] = &[$(($path, include_str!($path))),*];
    };
}
mount! {
    atomic "../src/atomic.rs"
    cas "../src/cas.rs"
    lock_order "../src/lock_order.rs"
    mutex "../src/mutex.rs"
    observer "../src/observer.rs"
    race "../src/race.rs"
    signal "../src/signal.rs"
    two_locks "../src/two_locks.rs"
    watched "../src/watched.rs"
    workers "../src/workers.rs"
    wrong_signal "../tests/wrong/signal.rs"
    wrong_unlocked "../tests/wrong/unlocked.rs"
}

#[derive(Parser)]
#[command(about = "Be the scheduler: choose which thread runs next")]
struct Args {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    cli::exit_code(game::main(&puzzles(), &Args::parse().options))
}

/// All puzzles, the easiest ones first.
pub fn puzzles() -> Vec<Puzzle> {
    use Wanted::{Nothing, Within, Wrong};
    let (lost, twice) = ("the counter shows 1", "the counter shows 2");
    let lose = "lose an update, if you can";
    let (opposite, same) = (lock_order::Order::Opposite, lock_order::Order::Same);
    let with_gap = |signal: &signal::Signal| wrong_signal::wait(signal, || ());
    let lose_the_call = "lose the wake-up, so that the waiter waits for ever";
    vec![
        counting(
            "race",
            race::run,
            (2, 1),
            Within(lost, 1),
            "lose an update with one preemption",
        ),
        counting(
            "race-three",
            race::run,
            (3, 1),
            Wrong(lost),
            "let the counter end at 1",
        ),
        counting(
            "race-lowest",
            race::run,
            (3, 2),
            Wrong(twice),
            "let the counter end at 2",
        ),
        counting(
            "unlocked",
            wrong_unlocked::run,
            (2, 1),
            Wrong(lost),
            "lose an update",
        ),
        counting("mutex", mutex::run, (2, 1), Nothing, lose),
        counting("atomic", atomic::run, (2, 1), Nothing, lose),
        counting("cas", cas::run, (2, 1), Nothing, lose),
        retrying(),
        tasks(
            "two-locks",
            opposite,
            Within("deadlock", 1),
            "deadlock them with one preemption",
        ),
        tasks("lock-order", same, Nothing, "deadlock them, if you can"),
        waiting("signal-gap", with_gap, Wrong("deadlock"), lose_the_call),
        waiting(
            "signal",
            signal::Signal::wait,
            Nothing,
            "lose the wake-up, if you can",
        ),
    ]
}

fn puzzle(name: &str, wanted: Wanted, goal: &str, program: Program) -> Puzzle {
    Puzzle {
        name: name.to_owned(),
        goal: goal.to_owned(),
        wanted,
        program,
    }
}

fn program(title: String, objects: &[&str], body: Body) -> Program {
    let files = FILES
        .iter()
        .map(|(path, text)| (path.trim_start_matches("../"), *text));
    Program {
        title,
        main: "main".to_owned(),
        objects: objects.iter().map(|name| (*name).to_owned()).collect(),
        files: files.collect(),
        body,
    }
}

/// How a strategy is run.
pub type Run = fn(&Job, &Timeline) -> Result<Counted>;

/// Makes a puzzle: so many threads count up so often each, and the counter must show all of that.
pub fn counting(
    name: &str,
    run: Run,
    (threads, updates): (usize, u64),
    wanted: Wanted,
    goal: &str,
) -> Puzzle {
    let plural = if updates == 1 { "" } else { "s" };
    let title = format!("{name}: {threads} threads, {updates} update{plural} each");
    let body = move |story: &Story| {
        let job = job(threads, updates, story);
        let counted = run(&job, &Timeline::off()).expect("no thread panics");
        match counted.value {
            value if value == job.expected() => Ok(()),
            value => Err(format!("the counter shows {value}")),
        }
    };
    puzzle(
        name,
        wanted,
        goal,
        program(title, &["counter"], Arc::new(body)),
    )
}

/// No update of `cas` may have to be made again.
fn retrying() -> Puzzle {
    let again = "a thread had to try again";
    let body = move |story: &Story| {
        let counted = cas::run(&job(2, 1, story), &Timeline::off()).expect("no thread panics");
        match counted.retries {
            Some(0) => Ok(()),
            _ => Err(again.to_owned()),
        }
    };
    let title = "cas-retry: 2 threads, 1 update each".to_owned();
    let program = program(title, &["counter"], Arc::new(body));
    let goal = "let a thread find that another one was faster";
    puzzle("cas-retry", Wanted::Wrong(again), goal, program)
}

fn job(threads: usize, updates: u64, story: &Story) -> Job {
    Job {
        threads,
        updates,
        tick: Duration::ZERO,
        seed: 0,
        spin: 0,
        shards: 1,
        tell: Some(tell(story)),
    }
}

/// Returns a listener that writes down the story.
fn tell(story: &Story) -> Tell {
    let story = story.clone();
    Arc::new(move |line: String| story.tell(line))
}

/// Two tasks that each need two locks.
fn tasks(name: &str, order: lock_order::Order, wanted: Wanted, goal: &str) -> Puzzle {
    let body = move |story: &Story| -> Verdict {
        let plan = two_locks::Plan {
            order,
            interleaving: two_locks::Interleaving::Any,
            work: [Duration::ZERO; 2],
            tell: tell(story),
            watch: Default::default(),
        };
        let circles = two_locks::run(&plan, &Timeline::off()).expect("no task panics");
        match circles.first() {
            None => Ok(()),
            Some(circle) => Err(format!("deadlock: {}", circle.names())),
        }
    };
    let title = format!("{name}: two tasks take two locks");
    let program = program(title, &["Lock A", "Lock B"], Arc::new(body));
    puzzle(name, wanted, goal, program)
}

/// One thread sets a flag, and another one waits for it.
fn waiting(name: &str, wait: fn(&signal::Signal), wanted: Wanted, goal: &str) -> Puzzle {
    let body = move |_: &Story| -> Verdict {
        let signal = Arc::new(signal::Signal::default());
        let theirs = Arc::clone(&signal);
        let named = sync::thread::Builder::new().name("waiter".to_owned());
        let waiter = named.spawn(move || wait(&theirs));
        signal.set();
        let ended = waiter.expect("there are enough threads").join();
        ended.map_err(|_| "the waiter panicked".to_owned())
    };
    let title = format!("{name}: a waiter waits until a caller has set a flag");
    let mut program = program(title, &["the flag", "changed"], Arc::new(body));
    program.main = "caller".to_owned();
    puzzle(name, wanted, goal, program)
}
