//! The claims about the counter: does a strategy lose updates? The last number of a claim is the
//! number of its schedules.

use std::time::Duration;

use anyhow::Result;
use timing::Timeline;
use timing::proof::{Bound, Claim, Story, Verdict};

use super::{Counted, Job, tell};
use super::{atomic, cas, channel, local, mutex, race, rwlock, sharded, wrong_unlocked};

/// Every strategy counts right, except `race` and a mutex that is released too early.
pub fn counters() -> Vec<Claim> {
    let all = Bound::all();
    vec![
        Claim::holds(
            "race counts right with 2 threads and no preemption",
            Bound::preemptions(0),
            3,
            |story| count(race::run, 2, story),
        ),
        lost_update(),
        Claim::fails(
            "race counts right with 3 threads",
            "the counter shows 2",
            Bound::preemptions(1),
            126,
            |story| count(race::run, 3, story),
        ),
        right("mutex", mutex::run, 2, all, 51),
        right("mutex", mutex::run, 3, all, 12_786),
        unlocked(),
        right("rwlock", rwlock::run, 2, all, 51),
        right("atomic", atomic::run, 2, all, 19),
        right("atomic", atomic::run, 3, all, 1_121),
        right("cas", cas::run, 2, all, 79),
        right("cas", cas::run, 3, all, 70_722),
        Claim::holds("cas succeeds at once on a thread alone", all, 1, |_| {
            retries(1)
        }),
        Claim::fails(
            "cas with 2 threads succeeds at once",
            "1 retries",
            all,
            79,
            |_| retries(2),
        ),
        right("channel", channel::run, 2, all, 120),
        right("channel", channel::run, 3, all, 14_116),
        right("local", local::run, 3, all, 44).sharing_nothing(),
        right("sharded", sharded::run, 3, all, 1_121),
    ]
}

/// `race` loses an update.
pub fn lost_update() -> Claim {
    Claim::fails(
        "race counts right with 2 threads",
        "the counter shows 1",
        Bound::all(),
        69,
        |story| count(race::run, 2, story),
    )
}

/// A mutex that is released between reading and writing loses an update, too.
pub fn unlocked() -> Claim {
    Claim::fails(
        "mutex without its lock between reading and writing counts right",
        "the counter shows 1",
        Bound::all(),
        518,
        |story| count(wrong_unlocked::run, 2, story),
    )
}

/// Threads that nobody observes, which run the other half of `workers::start`.
pub fn unobserved() -> Vec<Claim> {
    let all = Bound::all();
    vec![
        Claim::fails(
            "race counts right if nobody looks",
            "the counter shows 1",
            all,
            69,
            |_| count_right(race::run, &job(2)),
        ),
        Claim::holds("mutex counts right if nobody looks", all, 51, |_| {
            count_right(mutex::run, &job(2))
        }),
        Claim::holds(
            "local counts right if nobody looks, with 2 updates each",
            all,
            5,
            |_| {
                let twice = Job {
                    updates: 2,
                    ..job(2)
                };
                count_right(local::run, &twice)
            },
        )
        .sharing_nothing(),
    ]
}

type Run = fn(&Job, &Timeline) -> Result<Counted>;

/// The claim that a strategy counts right.
fn right(name: &str, run: Run, threads: usize, bound: Bound, schedules: usize) -> Claim {
    let text = format!("{name} counts right with {threads} threads");
    Claim::holds(text, bound, schedules, move |story| {
        count(run, threads, story)
    })
}

/// Threads count up once each, and tell the story of it; the counter must show their number.
// ANCHOR: count
fn count(run: Run, threads: usize, story: &Story) -> Verdict {
    let mut job = job(threads);
    job.tell = Some(tell(story));
    count_right(run, &job)
}

fn count_right(run: Run, job: &Job) -> Verdict {
    let counted = run(job, &Timeline::off()).expect("no thread panics");
    match counted.value {
        value if value == job.expected() => Ok(()),
        value => Err(format!("the counter shows {value}")),
    }
}

/// No update of `cas` may have to be made again.
fn retries(threads: usize) -> Verdict {
    let counted = cas::run(&job(threads), &Timeline::off()).expect("no thread panics");
    match counted.retries {
        Some(0) => Ok(()),
        other => Err(format!("{} retries", other.expect("cas counts them"))),
    }
}

fn job(threads: usize) -> Job {
    Job {
        threads,
        updates: 1,
        tick: Duration::ZERO,
        seed: 0,
        spin: 0,
        shards: 2,
        tell: None,
    }
}
// ANCHOR_END: count
