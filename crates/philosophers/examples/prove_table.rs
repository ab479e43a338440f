//! Runs the lesson's own files under a checker, in every order in which the philosophers can take turns (within a bound), and tells the
//! shortest story of each that fails.
//!
//!     cargo run -p philosophers --example prove_table

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use anyhow::Result;
use philosophers::pace::{Pause, Until};
use philosophers::rule::Rule;
pub use philosophers::rule::Step;
pub use philosophers::{Job, Tell, ladder, name, outcome, pace, rule};
use timing::proof::{self, Bound, Explored, Story, Verdict};
use timing::{Timeline, cli};

/// What the mounted files find where the lesson has `std` and crossbeam.
pub mod sync {
    pub use shuttle::{sync::*, thread};
    /// Channels.
    pub mod channel {
        pub use shuttle::sync::mpsc::{Receiver, Sender, channel as unbounded};
    }
}
macro_rules! mount {
    ($($name:ident $path:literal)*) => {
        $(#[allow(dead_code, unreachable_pub, missing_docs)] #[path = $path] pub mod $name;)*
    };
}
mount! {
    chandy_misra "../src/chandy_misra.rs"
    dine "../src/dine.rs"
    fork "../src/fork.rs"
    monitor "../src/monitor.rs"
    naive "../src/naive.rs"
    ordered "../src/ordered.rs"
    seat "../src/seat.rs"
    try_lock "../src/try_lock.rs"
    waiter "../src/waiter.rs"
    wrong_ordered "../tests/wrong/ordered.rs"
    wrong_waiter "../tests/wrong/waiter.rs"
    wrong_chandy_misra "../tests/wrong/chandy_misra.rs"
}

/// Something that is said of a strategy, and what is to come of it.
pub struct Claim {
    /// What is said.
    pub text: String,
    /// Whether it holds in all schedules. If not, a schedule must be found that shows it: else the checker is blind.
    pub holds: bool,
    /// Which schedules are run.
    pub bound: Bound,
    /// What is run in each.
    pub dinner: Dine,
    /// The strategy.
    pub run: Run,
    /// The rule that each step must follow.
    pub model: Option<Model>,
    /// How often one may find a fork taken before it has to have eaten; `None` is any number.
    pub tries: Option<usize>,
}

/// What is wanted of a strategy.
#[derive(Debug, Clone, Copy)]
pub struct Dine {
    /// How many sit at the table.
    pub seats: usize,
    /// How often each eats.
    pub meals: u64,
}

/// Makes a rule's model.
pub type Model = fn() -> Box<dyn Rule>;

/// A strategy in the checker's world.
pub type Run = fn(&Job, &Timeline) -> Result<outcome::Dinner>;

impl Claim {
    /// Runs it once, with the steps told as a story.
    ///
    /// # Errors
    /// If not all have eaten, or a step is none of the model's.
    pub fn once(&self, story: &Story) -> Verdict {
        let steps = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (told, noted, enough) = (story.clone(), Arc::clone(&steps), Arc::clone(&stop));
        let (tried_so_far, tries) = (Mutex::new(vec![0; self.dinner.seats]), self.tries);
        let tell: Tell = Arc::new(move |seat, step| {
            let mut tried = tried_so_far.lock().unwrap();
            match step {
                Step::Finds(_) => tried[seat] += 1,
                Step::Eats => tried[seat] = 0,
                _ => (),
            }
            // What comes after a deadlock, or after enough, is how the program gets out of it.
            let is_over = |(_, step): &(usize, Step)| matches!(step, Step::Sticks(_));
            if enough.load(SeqCst) || noted.lock().unwrap().last().is_some_and(is_over) {
                return;
            }
            told.tell(format!("{} {step}", name(seat)));
            noted.lock().unwrap().push((seat, step));
            if tries.is_some_and(|most| tried[seat] >= most) {
                enough.store(true, SeqCst);
            }
        });
        let job = Job {
            certain: false,
            back_off: false,
            patience: None,
            stop: Arc::clone(&stop),
            tell: Some(tell),
            ..Job::new(
                self.dinner.seats,
                pace::steady(Pause::default(), Until::Meals(self.dinner.meals)),
            )
        };
        let dinner = (self.run)(&job, &Timeline::off()).map_err(|error| format!("{error:#}"))?;
        if let Some(circle) = &dinner.deadlock {
            return Err(format!("deadlock: {}", circle.names()));
        }
        if stop.load(SeqCst) {
            return Err(format!(
                "{} attempts and no meal",
                self.tries.unwrap_or_default()
            ));
        }
        let meals: BTreeSet<_> = dinner.plates.iter().map(|plate| plate.meals).collect();
        if meals != BTreeSet::from([self.dinner.meals]) {
            return Err(format!("meals: {:?}", dinner.plates));
        }
        match self.model {
            Some(model) => ladder::follows(&*model(), self.dinner.seats, &steps.lock().unwrap()),
            None => Ok(()),
        }
    }

    /// Runs its schedules.
    pub fn explore(self) -> (Arc<Self>, Explored) {
        let claim = Arc::new(self);
        let ours = Arc::clone(&claim);
        let explored = proof::explore(claim.bound, move |story| ours.once(story));
        (claim, explored)
    }
}

/// All claims of this lesson.
pub fn claims() -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut claim = |text: &str, holds: bool, seats, bound: Bound, run: Run, model| {
        claims.push(Claim {
            text: format!("{text} feeds {seats}"),
            holds,
            bound: if holds { bound } else { bound.first() },
            dinner: Dine { seats, meals: 1 },
            run,
            model,
            tries: None,
        });
    };
    let one = Bound::preemptions(1);
    for seats in 2..=5 {
        claim(
            "naive",
            false,
            seats,
            one,
            naive::run,
            Some(|| Box::new(naive::Model) as _),
        );
    }
    // Two seats completely, and more of them as far as a minute reaches.
    let bounds = |most: [usize; 3]| {
        [Bound::all()]
            .into_iter()
            .chain(most.map(Bound::preemptions))
    };
    let rules: [(&str, [usize; 3], Run, Model); 4] = [
        ("ordered", [3, 2, 1], ordered::run, || {
            Box::new(ordered::Model)
        }),
        ("waiter", [3, 2, 1], waiter::run, || Box::new(waiter::Model)),
        ("monitor", [3, 2, 1], monitor::run, || {
            Box::new(monitor::Model)
        }),
        ("chandy-misra", [3, 1, 0], chandy_misra::run, || {
            Box::new(chandy_misra::Model)
        }),
    ];
    for (name, most, run, model) in rules {
        for (seats, bound) in (2..).zip(bounds(most)) {
            claim(name, true, seats, bound, run, Some(model));
        }
    }
    let three = Bound::preemptions(3);
    claim(
        "try-lock without a random wait, after three attempts at most,",
        false,
        2,
        three,
        try_lock::run,
        Some(|| Box::new(try_lock::Model) as _),
    );
    if let Some(last) = claims.last_mut() {
        last.dinner.meals = 3;
        last.tries = Some(3);
    }
    let mut claim = |text: &str, run: Run| {
        claims.push(Claim {
            text: format!("{text} feeds 3"),
            holds: false,
            bound: one.first(),
            dinner: Dine { seats: 3, meals: 1 },
            run,
            model: None,
            tries: None,
        });
    };
    // Known to be wrong, and kept so that the checker must find it. The last one needs more rounds.
    claim(
        "ordered, but for the last one who is not reversed,",
        wrong_ordered::run,
    );
    claim("a waiter with a chair for each", wrong_waiter::run);
    claim(
        "chandy-misra that keeps dirty forks",
        wrong_chandy_misra::run,
    );
    if let Some(last) = claims.last_mut() {
        last.dinner.meals = 3;
    }
    claims
}

fn main() -> ExitCode {
    cli::exit_code(run())
}

fn run() -> Result<bool> {
    let mut well = true;
    // All take a minute: who gives a part of their names gets only these.
    let part = std::env::args().nth(1).unwrap_or_default();
    for claim in claims()
        .into_iter()
        .filter(|claim| claim.text.contains(&part))
    {
        let (claim, explored) = claim.explore();
        let found = explored.failing > 0;
        let verdict = match (found, explored.complete) {
            (true, _) => "FALSE",
            (false, true) => "TRUE",
            (false, false) => "OPEN",
        };
        cli::print(&format!(
            "{verdict:>5}  {}\n       {explored}\n",
            claim.text
        ))?;
        if let Some(failure) = explored.shortest {
            for (line, number) in failure.story.iter().zip(1..) {
                cli::print(&format!("       {number:>3}. {line}\n"))?;
            }
            let schedule: Vec<_> = failure.schedule.iter().map(usize::to_string).collect();
            let why = failure.message.lines().next().unwrap_or_default();
            cli::print(&format!(
                "       {why}\n       preemptions: {}, schedule: {}\n",
                failure.preemptions,
                schedule.join(" ")
            ))?;
        }
        let expected = if claim.holds { "TRUE" } else { "FALSE" };
        if verdict != expected {
            cli::complain(&format!(
                "error: this should have been {expected}: {}",
                claim.text
            ));
            well = false;
        }
    }
    Ok(well)
}
