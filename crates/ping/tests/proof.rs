//! The hand-out of `pool`, in every schedule that a claim allows: each URL is pinged once,
//! whichever thread takes it, also if a thread panics or can't be started.
//!
//! The file is `src/pool.rs` itself. Its queue and its threads are the checker's, and a ping is a
//! step that is written down.

use std::sync::{Arc, Mutex};

use anyhow::Result;
use timing::proof::scoped::{dies, refusing};
use timing::proof::{self, Bound, Claim, Story, Verdict, moment};
use timing::{Lane, Timeline};

/// The checker's queue and threads.
mod sync {
    pub use shuttle::sync::atomic;
    pub use timing::proof::{channel, scoped as thread};
}

#[allow(unreachable_pub)]
#[path = "../src/pool.rs"]
mod pool;
#[path = "wrong/counter.rs"]
mod wrong_counter;

/// In the place of the lesson's.
pub struct Job {
    urls: usize,
    workers: usize,
    /// How many pings, in the order of their begin, end in a panic.
    deadly: usize,
    pinged: Mutex<Vec<usize>>,
    story: Story,
}

impl Job {
    fn count(&self) -> Option<usize> {
        Some(self.urls)
    }

    fn indices(&self) -> impl Iterator<Item = usize> {
        0..self.urls
    }

    fn ping(&self, index: usize, _: &mut Lane) {
        moment();
        self.story.tell(format!("URL {index} is pinged"));
        let mut pinged = self.pinged.lock().unwrap();
        pinged.push(index);
        if pinged.len() <= self.deadly {
            drop(pinged);
            dies();
        }
    }
}

type Run = fn(&Job, &Timeline) -> Result<()>;

/// What is pinged, and by how many workers.
#[derive(Clone, Copy)]
struct Case {
    run: Run,
    urls: usize,
    workers: usize,
    deadly: usize,
    refused: Option<usize>,
}

const CASE: Case = Case {
    run: pool::run,
    urls: 3,
    workers: 2,
    deadly: 0,
    refused: None,
};

impl Case {
    /// Each URL is pinged once; and there is an error if and only if a worker is lost.
    fn once(self, story: &Story) -> Verdict {
        let job = Arc::new(Job {
            urls: self.urls,
            workers: self.workers,
            deadly: self.deadly,
            pinged: Mutex::default(),
            story: story.clone(),
        });
        let run = || (self.run)(&job, &Timeline::off());
        let result = match self.refused {
            Some(after) => refusing(after, run),
            None => run(),
        };
        let mut pinged = std::mem::take(&mut *job.pinged.lock().unwrap());
        pinged.sort_unstable();
        if pinged != Vec::from_iter(0..self.urls) {
            return Err(format!("these were pinged: {pinged:?}"));
        }
        let is_lost = self.deadly > 0 || self.refused.is_some();
        match result {
            Ok(()) if is_lost => Err("nobody hears of it".to_owned()),
            Err(error) if !is_lost => Err(format!("{error:#}")),
            _ => Ok(()),
        }
    }

    fn holds(self, text: &str, bound: Bound, schedules: usize) -> Claim {
        Claim::holds(text, bound, schedules, move |story| self.once(story))
    }
}

fn claims() -> Vec<Claim> {
    // A sender and a receiver have to meet: there are millions of schedules in all.
    let (none, one) = (Bound::preemptions(0), Bound::preemptions(1));
    vec![
        CASE.holds("2 threads ping each of 3 URLs once", one, 3_131),
        Case {
            workers: 3,
            urls: 4,
            ..CASE
        }
        .holds("3 threads ping each of 4 URLs once", none, 30_615),
        Case { deadly: 1, ..CASE }.holds(
            "if one of 2 threads panics, the other pings the rest",
            one,
            394,
        ),
        Case {
            refused: Some(1),
            ..CASE
        }
        .holds(
            "if the second thread can't be started, the first pings all",
            Bound::all(),
            44_280,
        ),
        all_panic(),
        two_steps(),
    ]
}

/// The limit of it: who is left to ping the third URL?
fn all_panic() -> Claim {
    let case = Case { deadly: 2, ..CASE };
    Claim::fails(
        "if both threads panic, each URL is still pinged once",
        "these were pinged: [0, 1]",
        Bound::preemptions(1),
        310,
        move |story| case.once(story),
    )
}

/// A counter in the place of the queue, in two steps.
fn two_steps() -> Claim {
    let case = Case {
        run: wrong_counter::run,
        urls: 1,
        ..CASE
    };
    Claim::fails(
        "a counter that is read and then written hands out a URL once",
        "these were pinged: [0, 0]",
        Bound::all(),
        457,
        move |story| case.once(story),
    )
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
    let failure = two_steps().explore().shortest.unwrap();
    let story = proof::numbered(&failure.story);
    assert!(readme.contains(&story), "\n{story}");
}
