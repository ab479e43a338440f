//! The timeline's own recording, in every schedule that a claim allows: each span is recorded once,
//! a lane's spans are in their order, and nothing is lost if other threads record at the same time.
//!
//!     cargo test -p timing --features proof --test proof
//!
//! The file is `src/timeline.rs` itself, with the checker's lock.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use shuttle::thread;
use timing::proof::{self, Bound, Claim, Story, Verdict, moment};

/// The checker's locks.
mod sync {
    pub use shuttle::sync::{Arc, Mutex, MutexGuard, PoisonError};
}

/// As in the crate.
mod recording {
    pub use timing::{Kind, Recording, Row, SpanRecord};

    /// No claim is about it, so it need not be the crate's own.
    pub const LOST: &str = "✗ ";
}

#[allow(dead_code)]
#[path = "../src/clock.rs"]
mod clock;
#[allow(dead_code, unreachable_pub)]
#[path = "../src/timeline.rs"]
mod timeline;

use recording::Recording;
use timeline::Timeline;

/// The names of the rows, and the labels of their spans.
fn labels(recording: &Recording) -> Vec<(String, Vec<String>)> {
    let rows = recording.rows.iter();
    let spans = |row: &recording::Row| {
        row.spans
            .iter()
            .map(|span| span.label.to_string())
            .collect()
    };
    rows.map(|row| (row.name.clone(), spans(row))).collect()
}

/// Whether no span begins before the one before it.
fn in_order(recording: &Recording) -> bool {
    let starts = |row: &recording::Row| row.spans.is_sorted_by_key(|span| span.start_ns);
    recording.rows.iter().all(starts)
}

/// A worker: it records work and then a wait. If it fails, it panics in the middle of the wait.
fn worker(timeline: &Timeline, lane: &str, fails: bool, story: &Story) -> thread::JoinHandle<()> {
    let (timeline, name, story) = (timeline.clone(), lane.to_owned(), story.clone());
    thread::spawn(move || {
        let record = || {
            let mut lane = timeline.lane(name.clone());
            drop(lane.work(format!("{name} works")));
            let _span = lane.wait(format!("{name} waits"));
            moment();
            if fails {
                resume_unwind(Box::new("a failure"));
            }
        };
        let failed = catch_unwind(AssertUnwindSafe(record)).is_err();
        assert_eq!(failed, fails);
        story.tell(format!("{name} has ended"));
    })
}

/// Two workers, and a recording while they work, and one at the end. Returns the first.
fn two(lanes: [&str; 2], first_fails: bool, story: &Story) -> Result<Recording, String> {
    let timeline = Timeline::new();
    // The order of the rows is that of the first requests.
    for lane in lanes {
        timeline.lane(lane);
    }
    let workers =
        [0, 1].map(|number| worker(&timeline, lanes[number], first_fails && number == 0, story));
    let between = timeline.recording();
    story.tell("the recording is read");
    for worker in workers {
        worker.join().map_err(|_| "a worker panicked")?;
    }
    let end = timeline.recording();
    let of = |lane: &str| [format!("{lane} works"), format!("{lane} waits")].to_vec();
    let found = labels(&end);
    let (mut expected, mut found_spans) = (lanes.map(of).concat(), Vec::new());
    for (_, spans) in &found {
        found_spans.extend(spans.clone());
    }
    expected.sort();
    found_spans.sort();
    let rows: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    let mut names = lanes.to_vec();
    names.dedup();
    if found_spans != expected || rows != names || !in_order(&end) {
        return Err(format!("recorded: {found:?}"));
    }
    // A lane comes in whole, or not yet.
    let whole = |(_, spans): &(String, Vec<String>)| spans.len() % 2 == 0;
    match labels(&between).iter().all(whole) {
        true => Ok(between),
        false => Err(format!("between: {between:?}")),
    }
}

/// While a worker records, the recording of a child process is added.
fn absorbing(story: &Story) -> Verdict {
    let timeline = Timeline::new();
    let child = Timeline::new();
    drop(child.lane("b").work("b works"));
    let mut child = child.recording();
    child.cpu = Duration::from_secs(1);
    let worker = worker(&timeline, "a", false, story);
    let theirs = timeline.clone();
    let absorber = thread::spawn(move || theirs.absorb(child));
    for thread in [worker, absorber] {
        thread.join().map_err(|_| "a thread panicked")?;
    }
    let end = timeline.recording();
    let mut found = labels(&end);
    found.sort();
    let spans = |of: &[&str]| of.iter().map(|label| (*label).to_owned()).collect();
    let expected = [
        ("a".to_owned(), spans(&["a works", "a waits"])),
        ("b".to_owned(), spans(&["b works"])),
    ];
    match found == expected && end.cpu == Duration::from_secs(1) {
        true => Ok(()),
        false => Err(format!("recorded: {end:?}")),
    }
}

fn claims() -> Vec<Claim> {
    let (all, few) = (Bound::all(), Bound::preemptions(2));
    let two = |text: &str, bound, lanes, first_fails, schedules| {
        Claim::holds(text, bound, schedules, move |story| {
            two(lanes, first_fails, story).map(drop)
        })
    };
    vec![
        two(
            "2 threads with a lane each: every span is recorded once",
            all,
            ["a", "b"],
            false,
            81_871,
        ),
        two(
            "2 threads with lanes of one name: one row has all spans",
            few,
            ["a", "a"],
            false,
            251,
        ),
        two(
            "a thread that panics loses no span, nor does the other",
            few,
            ["a", "b"],
            true,
            251,
        ),
        Claim::holds(
            "a child's recording is added while a thread records",
            all,
            206,
            absorbing,
        ),
        early(),
    ]
}

/// What is documented of [`Timeline::recording`]: it has the lanes that are gone.
fn early() -> Claim {
    Claim::fails(
        "a recording that is read while threads work has all that they did so far",
        "missing",
        Bound::preemptions(1),
        40,
        |story| {
            let between = two(["a", "b"], false, story)?;
            match between.rows.iter().any(|row| row.spans.is_empty()) {
                true => Err("missing: the spans of a lane that is in use".to_owned()),
                false => Ok(()),
            }
        },
    )
}

#[test]
fn every_claim_holds_or_is_refuted_as_it_must_be() {
    let refused = proof::refused(claims());
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn the_readme_says_what_is_claimed() {
    let table = proof::table(claims());
    let readme = include_str!("../README.md").replace("\r\n", "\n");
    assert!(readme.contains(&table), "\n{table}");
}
