//! Runs the lesson's own files under a checker, in every order in which the philosophers can take
//! turns (within a bound), and tells the shortest story of each claim that fails.
//!
//!     cargo run -p philosophers --example prove_table

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use clap::ValueEnum;
use timing::proof::{self, Bound, Claim, Story, Verdict};
use timing::{Timeline, cli};

/// The checker's locks, channels and threads, in the place of the real ones. It hides the module of
/// this name in the lesson.
pub mod sync {
    pub use shuttle::{sync::*, thread};
    pub use timing::proof::Condvar;
    /// Channels.
    pub mod channel {
        pub use shuttle::sync::mpsc::{Receiver, Sender, channel as unbounded};
    }
}

/// The lesson, with the checker's locks. (Its own `sync` is an unused import here.)
#[allow(dead_code, unreachable_pub, unused_imports)]
#[path = "../src/lib.rs"]
pub mod lesson;

// The lesson's files look for each other, and for `sync`, at the root of their crate.
pub use lesson::*;

use ladder::AnyRule;
use pace::{Round, Until};
use rule::Step;

/// A dinner that is run under each schedule.
#[derive(Clone, Copy)]
pub struct Sitting {
    /// How the forks are taken.
    pub run: Run,
    /// The model that each step must follow.
    pub model: Option<&'static dyn AnyRule>,
    /// The number of philosophers at the table.
    pub seats: usize,
    /// How often each eats.
    pub meals: u64,
    /// After this many attempts in vain, a philosopher counts as one who never eats.
    pub attempts: Option<usize>,
    /// Whether waits may end without a call.
    pub spuriously: bool,
}

impl Sitting {
    /// One meal for each philosopher, compared with the model of the rule.
    pub fn of(strategy: Strategy, seats: usize) -> Self {
        let (run, model) = strategy.rule();
        Self {
            model: Some(model),
            ..Self::unmodelled(run, seats)
        }
    }

    /// One meal for each philosopher, by a rule that has no model.
    pub fn unmodelled(run: Run, seats: usize) -> Self {
        Self {
            run,
            model: None,
            seats,
            meals: 1,
            attempts: None,
            spuriously: false,
        }
    }

    /// Runs it once, with its steps told as a story.
    ///
    /// # Errors
    /// If not all have eaten, or if a step is not the model's.
    pub fn once(&self, story: &Story) -> Verdict {
        let (verdict, steps) = self.observed(story);
        verdict?;
        self.model
            .map_or(Ok(()), |model| model.follows(self.seats, &steps))
    }

    /// Runs it once. Returns whether all have eaten, and the steps.
    pub fn observed(&self, story: &Story) -> (Verdict, Vec<(usize, Step)>) {
        let steps = Arc::new(Mutex::new(Vec::new()));
        let verdict = self.dine(story, &steps);
        let steps = std::mem::take(&mut *steps.lock().unwrap());
        (verdict, steps)
    }

    fn dine(&self, story: &Story, steps: &Arc<Mutex<Vec<(usize, Step)>>>) -> Verdict {
        let round = pace::steady(Round::default(), Until::Meals(self.meals));
        let mut job = Job::new(self.seats, round);
        job.give_up_after = None;
        job.observers.on_step = Some(self.observer(story, steps, &job.stop));
        let run = || (self.run)(&job, &Timeline::off());
        let dinner = match self.spuriously {
            true => proof::spuriously(run),
            false => run(),
        };
        let dinner = dinner.map_err(|error| format!("{error:#}"))?;
        if let Some(cycle) = &dinner.deadlock {
            return Err(format!("deadlock: {}", cycle.names()));
        }
        if let Some(attempts) = self.attempts
            && job.stop.load(SeqCst)
        {
            return Err(format!("{attempts} attempts and no meal"));
        }
        if dinner.plates.iter().any(|plate| plate.meals != self.meals) {
            return Err(format!("meals: {:?}", dinner.plates));
        }
        Ok(())
    }

    /// Writes down each step, and stops the dinner after too many attempts in vain.
    fn observer(
        &self,
        story: &Story,
        steps: &Arc<Mutex<Vec<(usize, Step)>>>,
        stop: &Arc<AtomicBool>,
    ) -> OnStep {
        let (story, steps, stop) = (story.clone(), Arc::clone(steps), Arc::clone(stop));
        let (in_vain, most) = (Mutex::new(vec![0; self.seats]), self.attempts);
        Arc::new(move |seat, step| {
            let mut steps = steps.lock().unwrap();
            // What comes after a deadlock, or after too many attempts, is how the program gets out
            // of it.
            let is_stuck = matches!(steps.last(), Some((_, Step::Deadlocks(_))));
            if is_stuck || stop.load(SeqCst) {
                return;
            }
            story.tell(format!("{} {step}", names::philosopher(seat)));
            steps.push((seat, step));
            let mut in_vain = in_vain.lock().unwrap();
            match step {
                Step::Finds(_) => in_vain[seat] += 1,
                Step::Eats => in_vain[seat] = 0,
                _ => (),
            }
            if most.is_some_and(|most| in_vain[seat] >= most) {
                stop.store(true, SeqCst);
            }
        })
    }

    /// Claims that everybody gets every meal.
    fn feeds(self, text: &str, bound: Bound, schedules: usize) -> Claim {
        let text = format!("{text} feeds {}", self.seats);
        Claim::holds(text, bound, schedules, move |story| self.once(story))
    }

    /// Claims the same, and expects that a schedule within the bound fails with this message.
    fn fails(self, text: &str, message: &'static str, bound: Bound, schedules: usize) -> Claim {
        let text = format!("{text} feeds {}", self.seats);
        let bound = bound.first();
        Claim::fails(text, message, bound, schedules, move |story| {
            self.once(story)
        })
    }
}

/// The claims about a rule as it is, with two to five seats: everybody gets a meal, and each step
/// is the model's; or a deadlock is found. Each claim names its bound, and how many schedules that
/// is.
pub fn claims_of(strategy: Strategy) -> Vec<Claim> {
    let name = cli::name(&strategy);
    let sittings = || (2..).map(|seats| Sitting::of(strategy, seats));
    let (all, most) = (Bound::all(), Bound::preemptions);
    let deadlocks = |schedules: [usize; 4]| {
        let each = sittings().zip(schedules);
        let claim = |(it, schedules): (Sitting, _)| it.fails(&name, "deadlock", most(1), schedules);
        each.map(claim).collect()
    };
    let feeds = |scopes: [(Bound, usize); 4]| {
        let each = sittings().zip(scopes);
        let claim = |(it, (bound, schedules)): (Sitting, _)| it.feeds(&name, bound, schedules);
        each.map(claim).collect()
    };
    // Two seats completely, and more of them as far as a minute reaches.
    match strategy {
        Strategy::Naive => deadlocks([11, 127, 1_328, 15_149]),
        Strategy::Ordered => feeds([
            (all, 172),
            (most(3), 13_114),
            (most(2), 56_576),
            (most(1), 36_215),
        ]),
        Strategy::Waiter => feeds([
            (all, 9_360),
            (most(3), 209_259),
            (most(2), 441_277),
            (most(1), 154_984),
        ]),
        Strategy::Monitor => feeds([
            (all, 746),
            (most(3), 34_147),
            (most(2), 212_049),
            (most(1), 184_859),
        ]),
        Strategy::ChandyMisra => feeds([
            (all, 320_429),
            (most(3), 463_354),
            (most(1), 194_182),
            (most(0), 244_751),
        ]),
        // It has runs without an end, so not all of its schedules can be run.
        Strategy::TryLock => Vec::new(),
    }
}

/// Claims that need more than one meal, or waits that end without a call.
pub fn more() -> Vec<Claim> {
    let twice = Sitting {
        meals: 2,
        ..Sitting::of(Strategy::ChandyMisra, 2)
    };
    let handed_over = |seats| Sitting {
        model: Some(&hand_over::Model),
        ..Sitting::unmodelled(hand_over::run, seats)
    };
    let woken = |strategy, seats| Sitting {
        spuriously: true,
        ..Sitting::of(strategy, seats)
    };
    let (all, one, two) = (Bound::all(), Bound::preemptions(1), Bound::preemptions(2));
    vec![
        twice.feeds("chandy-misra with two meals each", two, 426),
        woken(Strategy::Waiter, 2).feeds("waiter, whose waits end without a call,", two, 1_429),
        woken(Strategy::Monitor, 2).feeds("monitor, whose waits end without a call,", two, 287),
        woken(Strategy::Monitor, 3).feeds("monitor, whose waits end without a call,", one, 932),
        handed_over(2).feeds("a monitor that hands over", all, 746),
        handed_over(3).feeds("a monitor that hands over", two, 4_547),
        // The steps are compared with the model: another rule's is noticed.
        Sitting {
            run: ordered::run,
            ..Sitting::of(Strategy::Waiter, 2)
        }
        .fails(
            "ordered, compared with the model of waiter,",
            "step 0: seat ",
            one,
            1,
        ),
    ]
}

/// `try-lock` without its back-off: somebody may try again and again, in vain.
pub fn without_back_off() -> Claim {
    let sitting = Sitting {
        run: |job, timeline| try_lock::with_back_off(None, job, timeline),
        meals: 3,
        attempts: Some(3),
        ..Sitting::of(Strategy::TryLock, 2)
    };
    sitting.fails(
        "try-lock without a random wait, after three attempts at most,",
        "3 attempts and no meal",
        Bound::preemptions(3),
        153,
    )
}

/// Rules with one slip each. The checker must find it, or it is blind.
pub fn known_wrong() -> Vec<Claim> {
    let one = Bound::preemptions(1);
    let deadlocks = |text, run: Run, meals, schedules| {
        let sitting = Sitting {
            meals,
            ..Sitting::unmodelled(run, 3)
        };
        sitting.fails(text, "deadlock", one, schedules)
    };
    vec![
        // `diff src/naive.rs src/ordered.rs`: without the reversal, that is what is left.
        deadlocks(
            "ordered, but for the last one who is not reversed,",
            naive::run,
            1,
            127,
        ),
        deadlocks(
            "a waiter with a chair for each",
            |job, timeline| waiter::with_chairs(job.seats, job, timeline),
            1,
            253,
        ),
        // A dirty fork is only kept where somebody has eaten before: that needs more meals.
        deadlocks(
            "chandy-misra that keeps dirty forks",
            |job, timeline| chandy_misra::giving(|dirty, hungry| dirty && !hungry, job, timeline),
            3,
            1_183,
        ),
    ]
}

/// All claims of this lesson.
pub fn claims() -> Vec<Claim> {
    let strategies = Strategy::value_variants().iter();
    let mut claims: Vec<_> = strategies.flat_map(|it| claims_of(*it)).collect();
    claims.extend(more());
    claims.push(without_back_off());
    claims.extend(known_wrong());
    claims
}

fn main() -> ExitCode {
    // All claims take some minutes: an argument selects those with this text in their names.
    let part = std::env::args().nth(1).unwrap_or_default();
    let claims = claims().into_iter();
    let result = proof::report(claims.filter(|claim| claim.text.contains(&part)));
    cli::exit_code(result)
}
