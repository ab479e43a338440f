//! The hand-outs of `pipeline` and `processes`, in every schedule that a claim allows: each photo
//! has one outcome, in its place, and nothing is lost if a photo fails, a worker process dies, or a
//! thread can't be started.
//!
//! The files are those of the lesson. Their locks, channels and threads are the checker's, and a
//! worker process is a thing that answers or dies (`tests/proof/world.rs`). Not proven: `rayon` and
//! `rows`, whose work is handed out inside the library, and the ranks of MPI.

use std::sync::Arc;

use anyhow::Result;
use timing::Timeline;
use timing::proof::scoped::refusing;
use timing::proof::{self, Bound, Claim, Story, Verdict};

#[path = "proof/world.rs"]
mod world;

/// The checker's.
mod sync {
    pub use crate::world::child;
    pub use shuttle::sync::{Condvar, Mutex, atomic};
    pub use timing::proof::{channel, scoped as thread};
}

#[allow(dead_code, unreachable_pub)]
#[path = "../src/budget.rs"]
mod budget;
#[allow(unreachable_pub)]
#[path = "../src/handout.rs"]
mod handout;
#[allow(unreachable_pub)]
#[path = "../src/pipeline.rs"]
mod pipeline;
#[allow(dead_code, unreachable_pub)]
#[path = "../src/processes.rs"]
mod processes;
#[allow(unreachable_pub)]
#[path = "../src/shield.rs"]
mod shield;

// The lesson's files look for these at the root of their crate.
use handout::HandOut;
use imgproc::{Done, Outcome};
use world::{Item, Job, Kind, Processor, Settings, Task, files, stopping};

use budget::Budget;
use shuttle::sync::Barrier;
use shuttle::thread;

type Run = fn(&Job, &Timeline) -> Result<Vec<Outcome>>;

/// The photos, and the workers.
#[derive(Clone, Copy)]
struct Case {
    run: Run,
    photos: &'static [Kind],
    workers: usize,
    /// After so many threads one is refused.
    refused: Option<usize>,
    /// Whether the job is stopped at any moment.
    stopped: bool,
}

const GOOD: Kind = Kind::Good { pixels: 1 };
/// Two of these are more than the pipeline may hold at the same time.
const LARGE: Kind = Kind::Good { pixels: 40_000_000 };

/// One thread a stage: with two, there are too many schedules even without a preemption.
const PIPELINE: Case = Case {
    run: pipeline::run,
    photos: &[GOOD, GOOD],
    workers: 3,
    refused: None,
    stopped: false,
};

const PROCESSES: Case = Case {
    run: processes::run,
    photos: &[GOOD, GOOD, GOOD],
    workers: 2,
    ..PIPELINE
};

impl Case {
    /// Each photo has the outcome that its kind has to have.
    fn once(self, story: &Story) -> Verdict {
        let job = Arc::new(Job::new(self.photos, self.workers, story));
        let stop = self.stopped.then(|| {
            let job = Arc::clone(&job);
            thread::spawn(move || job.stop())
        });
        let run = || (self.run)(&job, &Timeline::off());
        let result = match self.refused {
            Some(after) => refusing(after, run),
            None => run(),
        };
        if let Some(stop) = stop {
            stop.join().expect("it does not panic");
        }
        let outcomes = match (result, self.refused) {
            (Err(_), Some(_)) => return Ok(()),
            (Ok(_), Some(_)) => return Err("nobody hears of it".to_owned()),
            (Err(error), None) => return Err(format!("{error:#}")),
            (Ok(outcomes), None) => outcomes,
        };
        let told = job.told();
        for (photo, (kind, outcome)) in self.photos.iter().zip(&outcomes).enumerate() {
            let is_right = match (kind, outcome) {
                (_, Outcome::Skipped) => self.stopped,
                (Kind::Good { pixels }, Outcome::Done(done)) => done.pixels == *pixels,
                (_, Outcome::Failed(why)) => kind.is_why(why),
                _ => false,
            };
            if !is_right {
                return Err(format!("photo {photo}: {outcome:?}"));
            }
            let times = told.iter().filter(|told| **told == photo).count();
            if times != usize::from(*outcome != Outcome::Skipped) {
                return Err(format!("photo {photo} is told {times} times"));
            }
        }
        match outcomes.len() == self.photos.len() {
            true => job.verdict(),
            false => Err(format!("{} outcomes", outcomes.len())),
        }
    }

    fn holds(self, text: &str, bound: Bound, schedules: usize) -> Claim {
        Claim::holds(text, bound, schedules, move |story| self.once(story))
    }
}

fn claims() -> Vec<Claim> {
    let [none, one, two] = [0, 1, 2].map(Bound::preemptions);
    let mut claims = vec![
        PIPELINE.holds("pipeline: each of 2 photos has one outcome", one, 8_103),
        Case {
            photos: &[Kind::NotAPhoto, Kind::FilterPanics, Kind::DiskIsFull],
            ..PIPELINE
        }
        .holds(
            "pipeline: photos that fail at 3 stages have their failures",
            one,
            10_966,
        ),
        Case {
            photos: &[LARGE, Kind::LargeAndPanics, LARGE],

            ..PIPELINE
        }
        .holds(
            "pipeline: large photos wait for memory, also behind one that fails",
            one,
            10_906,
        ),
        PROCESSES.holds("processes: each of 3 photos has one outcome", two, 284),
        Case {
            photos: &[Kind::Kills, GOOD, Kind::Garbled],
            ..PROCESSES
        }
        .holds(
            "processes: a photo that kills its process fails alone",
            two,
            284,
        ),
        Case {
            photos: &[GOOD; 2],
            stopped: true,
            ..PROCESSES
        }
        .holds(
            "processes, stopped at any moment: a photo that was begun has its outcome",
            two,
            1_553,
        ),
        Case {
            photos: &[GOOD; 2],
            stopped: true,
            ..PIPELINE
        }
        .holds(
            "pipeline, stopped at any moment: a photo that was begun has its outcome",
            none,
            594,
        ),
    ];
    for (after, schedules) in [(0, 1), (1, 151), (2, 2_724)] {
        let case = Case {
            refused: Some(after),
            ..PIPELINE
        };
        let text = format!("pipeline: if thread {after} can't be started, the others end");
        claims.push(case.holds(&text, two, schedules));
    }
    let refused = Case {
        refused: Some(1),
        ..PROCESSES
    };
    let text = "processes: if the second keeper can't be started, the first ends";
    claims.push(refused.holds(text, two, 1));
    claims.push(two_shares());
    claims
}

/// Why a photo asks for memory once, and for all that it needs.
fn two_shares() -> Claim {
    Claim::fails(
        "two threads that ask for half of their memory, and later for the rest, both end",
        "deadlock",
        Bound::preemptions(1),
        43,
        |story| {
            let budget = Arc::new(Budget::new(2));
            let threads = [0, 1].map(|number| {
                let (budget, story) = (Arc::clone(&budget), story.clone());
                thread::spawn(move || {
                    let _half = budget.acquire(1);
                    story.tell(format!("thread {number} gets half of its memory"));
                    let _rest = budget.acquire(1);
                    story.tell(format!("thread {number} gets the rest"));
                })
            });
            for thread in threads {
                thread.join().expect("it does not panic");
            }
            Ok(())
        },
    )
}

/// When a large share comes back, all that fit now go on, and not only one of them: each of these
/// two keeps its share until the other has one, too.
#[test]
fn all_that_fit_are_woken() {
    let text = "two threads that wait for a large share both get a small one";
    let claim = Claim::holds(text, Bound::preemptions(1), 55, |story| {
        let budget = Arc::new(Budget::new(2));
        let both = Arc::new(Barrier::new(2));
        let large = budget.acquire(2);
        let threads = [0, 1].map(|number| {
            let (budget, both) = (Arc::clone(&budget), Arc::clone(&both));
            let story = story.clone();
            thread::spawn(move || {
                let _small = budget.acquire(1);
                story.tell(format!("thread {number} gets its share"));
                both.wait();
            })
        });
        drop(large);
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        Ok(())
    });
    claim.check().unwrap();
}

#[test]
fn every_claim_holds_or_is_refuted_as_it_must_be() {
    let refused = proof::refused(claims());
    assert!(refused.is_empty(), "{refused:#?}");
}

/// The README's table is that of the claims, and its story is the shortest.
#[test]
fn the_readme_says_what_is_claimed() {
    let table = proof::table(claims());
    let readme = include_str!("../README.md").replace("\r\n", "\n");
    assert!(readme.contains(&table), "\n{table}");
    let failure = two_shares().explore().shortest.unwrap();
    let story = proof::numbered(&failure.story);
    assert!(readme.contains(&story), "\n{story}");
}
