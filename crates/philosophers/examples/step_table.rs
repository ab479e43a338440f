//! Be the scheduler: step through the rules' own files, one philosopher at a time, and deadlock the
//! table if you can. Without a name it lists the puzzles.
//!
//!     cargo run -p philosophers --example step_table -- naive
//!     cargo run -p philosophers --example step_table -- naive --seats 3

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use anyhow::Result;
use clap::Parser;
use timing::proof::game::{self, Options, Puzzle, Wanted};
use timing::proof::step::{Program, note};
use timing::proof::{Story, Verdict};
use timing::{Timeline, cli};

/// Locks and threads that announce what they are about to do, in the place of the real ones. It
/// hides the module of this name in the lesson.
pub mod sync {
    pub use timing::proof::world::{sync::*, thread};
    /// Channels. They announce nothing, so `chandy-misra` can't be stepped through.
    pub mod channel {
        pub use shuttle::sync::mpsc::{Receiver, Sender, channel as unbounded};
    }
}

/// The lesson, with these locks. (Its own `sync` is an unused import here.)
#[allow(dead_code, unreachable_pub, unused_imports)]
#[path = "../src/lib.rs"]
pub mod lesson;

// The lesson's files look for each other, and for `sync`, at the root of their crate.
pub use lesson::*;

use pace::{Round, Until};
use rule::Step;

/// The texts of the files that threads take locks in.
const FILES: [(&str, &str); 6] = [
    ("src/dine.rs", include_str!("../src/dine.rs")),
    ("src/monitor.rs", include_str!("../src/monitor.rs")),
    ("src/naive.rs", include_str!("../src/naive.rs")),
    ("src/ordered.rs", include_str!("../src/ordered.rs")),
    ("src/try_lock.rs", include_str!("../src/try_lock.rs")),
    ("src/waiter.rs", include_str!("../src/waiter.rs")),
];

#[derive(Parser)]
#[command(about = "Be the scheduler: choose which philosopher goes next")]
struct Args {
    #[command(flatten)]
    options: Options,

    /// How many sit at the table
    #[arg(long, value_name = "N", default_value_t = 2)]
    #[arg(value_parser = clap::value_parser!(u8).range(2..=5))]
    seats: u8,
}

fn main() -> ExitCode {
    let args = Args::parse();
    cli::exit_code(play(&args))
}

fn play(args: &Args) -> Result<bool> {
    game::main(&puzzles(usize::from(args.seats)), &args.options)
}

/// All puzzles at a table of so many seats, the easiest ones first.
pub fn puzzles(seats: usize) -> Vec<Puzzle> {
    use Wanted::{Nothing, Within, Wrong};
    let forks: Vec<_> = (0..seats).map(names::fork).collect();
    let chairs = ["the free chairs", "risen"].map(str::to_owned);
    let with_waiter = [&forks[..], &chairs].concat();
    let table = ["the table", "changed"].map(str::to_owned);
    let once = |run| Sitting {
        run,
        seats,
        meals: 1,
        referee: |_| None,
    };
    let trying = |meals, referee| Sitting {
        run: |job, timeline| try_lock::with_back_off(None, job, timeline),
        seats,
        meals,
        referee,
    };
    let can_deadlock = "deadlock the table, if you can";
    vec![
        once(naive::run).puzzle(
            "naive",
            "deadlock the table with one preemption",
            Within("deadlock", 1),
            &forks,
        ),
        once(ordered::run).puzzle("ordered", can_deadlock, Nothing, &forks),
        once(waiter::run).puzzle("waiter", can_deadlock, Nothing, &with_waiter),
        once(monitor::run).puzzle("monitor", can_deadlock, Nothing, &table),
        trying(1, all_in_vain).puzzle(
            "try-lock",
            "livelock: let everybody try twice in vain, before anybody eats",
            Wrong("nobody eats"),
            &forks,
        ),
        trying(2, plato_in_vain).puzzle(
            "try-lock-starve",
            "starve Plato: let him try three times in vain, before his first meal",
            Wrong("Plato starves"),
            &forks,
        ),
    ]
}

/// A dinner, and what counts as a mistake besides a deadlock.
#[derive(Clone, Copy)]
struct Sitting {
    run: Run,
    seats: usize,
    meals: u64,
    /// Ends the dinner once it is decided.
    referee: fn(&[Tally]) -> Option<Ruling>,
}

/// What a referee says of a dinner: all is well, or the mistake.
type Ruling = Result<(), &'static str>;

/// What one philosopher did so far.
#[derive(Clone, Copy, Default)]
struct Tally {
    meals: usize,
    /// Attempts in vain since the last meal.
    in_vain: usize,
}

fn all_in_vain(all: &[Tally]) -> Option<Ruling> {
    if all.iter().any(|tally| tally.meals > 0) {
        return Some(Ok(()));
    }
    let all_tried = all.iter().all(|tally| tally.in_vain >= 2);
    all_tried.then_some(Err("nobody eats: all have tried twice in vain"))
}

fn plato_in_vain(all: &[Tally]) -> Option<Ruling> {
    match all[1] {
        plato if plato.meals > 0 => Some(Ok(())),
        plato if plato.in_vain >= 3 => Some(Err("Plato starves: he has tried three times in vain")),
        _ => None,
    }
}

impl Sitting {
    fn puzzle(self, name: &str, goal: &str, wanted: Wanted, objects: &[String]) -> Puzzle {
        Puzzle {
            name: name.to_owned(),
            goal: goal.to_owned(),
            wanted,
            program: Program {
                title: format!(
                    "{name}: {} at the table, {} each",
                    self.seats,
                    meals(self.meals)
                ),
                main: "main".to_owned(),
                objects: objects.to_vec(),
                files: FILES.to_vec(),
                body: Arc::new(move |story| self.once(story)),
            },
        }
    }

    /// Runs the dinner once. Nobody watches for a deadlock: the stepper sees it.
    fn once(&self, story: &Story) -> Verdict {
        let round = pace::steady(Round::default(), Until::Meals(self.meals));
        let mut job = Job::new(self.seats, round);
        job.give_up_after = None;
        job.observers.watch = None;
        let ruling = Arc::new(Mutex::new(None));
        job.observers.on_step = Some(self.observer(story, &job.stop, &ruling));
        let dinner = (self.run)(&job, &Timeline::off()).map_err(|error| format!("{error:#}"))?;
        if let Some(ruling) = *ruling.lock().unwrap() {
            return ruling.map_err(str::to_owned);
        }
        match dinner.plates.iter().all(|plate| plate.meals == self.meals) {
            true => Ok(()),
            false => Err(format!("meals: {:?}", dinner.plates)),
        }
    }

    /// Tells each step, and stops the dinner once the referee has decided.
    fn observer(
        self,
        story: &Story,
        stop: &Arc<AtomicBool>,
        ruling: &Arc<Mutex<Option<Ruling>>>,
    ) -> OnStep {
        let (story, stop, ruling) = (story.clone(), Arc::clone(stop), Arc::clone(ruling));
        let tallies = Mutex::new(vec![Tally::default(); self.seats]);
        Arc::new(move |seat, step| {
            story.tell(format!("{} {step}", names::philosopher(seat)));
            let mut tallies = tallies.lock().unwrap();
            let mine = &mut tallies[seat];
            match step {
                Step::Finds(_) => mine.in_vain += 1,
                Step::Eats => (mine.meals, mine.in_vain) = (mine.meals + 1, 0),
                _ => (),
            }
            let mut ruling = ruling.lock().unwrap();
            if let (None, Some(decided)) = (*ruling, (self.referee)(&tallies)) {
                *ruling = Some(decided);
                note("the referee has decided");
                stop.store(true, SeqCst);
            }
        })
    }
}

fn meals(number: u64) -> String {
    match number {
        1 => "1 meal".to_owned(),
        number => format!("{number} meals"),
    }
}
