//! Runs the lesson's own files under a checker, in every order in which their threads can take turns, and tells a
//! story of each that fails: the shortest, where all orders are run. (What stderr says of a backtrace is the checker's own.)
//!
//!     cargo run -p locks --example prove

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
pub use locks::{Counted, Job, Tell};
use timing::Timeline;
use timing::cli;
use timing::proof::{self, Bound, Explored, Story, Verdict};

// The checker's world. `crate::sync` is the only difference: below it stand the very files of the lesson.
/// What the mounted files find where the lesson has `std`.
// ANCHOR: world
pub mod sync {
    pub use shuttle::{sync::*, thread};
}
// ANCHOR_END: world
macro_rules! mount {
    ($($name:ident $path:literal)*) => {
        $(#[allow(dead_code, unreachable_pub, missing_docs)] #[path = $path] pub mod $name;)*
    };
}
mount! {
    atomic "../src/atomic.rs"
    buffer "../src/buffer.rs"
    cas "../src/cas.rs"
    crowd "../src/crowd.rs"
    local "../src/local.rs"
    mutex "../src/mutex.rs"
    race "../src/race.rs"
    rwlock "../src/rwlock.rs"
    sharded "../src/sharded.rs"
    signal "../src/signal.rs"
    two_locks "../src/two_locks.rs"
    watched "../src/watched.rs"
    wrong_signal "../tests/wrong/signal.rs"
    wrong_unlocked "../tests/wrong/unlocked.rs"
}

/// Something that is said of the code, and what is to come of it.
pub struct Claim {
    /// What is said.
    pub text: &'static str,
    /// Whether it holds in all schedules. If not, a schedule must be found that shows it: else the checker is blind.
    pub holds: bool,
    /// Which schedules are run.
    pub bound: Bound,
    /// What is run in each.
    pub body: Body,
}

/// An error where the claim does not hold.
pub type Body = fn(&Story) -> Verdict;

type Run = fn(&Job, &Timeline) -> Result<Counted>;

/// So many threads count up once each, and the counter must show it.
// ANCHOR: count
fn count(run: Run, threads: usize, story: &Story) -> Verdict {
    let story = story.clone();
    let tell: Tell = std::sync::Arc::new(move |line: String| story.tell(line));
    count_told(run, threads, 1, Some(tell))
}

fn count_told(run: Run, threads: usize, updates: u64, tell: Option<Tell>) -> Verdict {
    let job = Job {
        threads,
        updates,
        tick: Duration::ZERO,
        seed: 0,
        spin: 0,
        shards: 2,
        tell,
    };
    let counted = run(&job, &Timeline::off()).expect("no thread panics");
    match counted.value {
        value if value == job.expected() => Ok(()),
        value => Err(format!("the counter shows {value}")),
    }
}
// ANCHOR_END: count

/// The same with two threads to which nobody listens: they have a loop of their own, `crowd::unwatched`.
fn count_unwatched(run: Run, updates: u64) -> Verdict {
    count_told(run, 2, updates, None)
}

/// The two tasks, and no circle.
fn tasks(order: two_locks::Order, story: &Story) -> Verdict {
    let story = story.clone();
    let plan = two_locks::Plan {
        order,
        meeting: two_locks::Meeting::Chance,
        work: [Duration::ZERO; 2],
        tell: std::sync::Arc::new(move |line| story.tell(line)),
        watch: Default::default(),
    };
    let circles = two_locks::run(&plan, &Timeline::off()).expect("no task panics");
    match circles.first() {
        None => Ok(()),
        Some(circle) => Err(format!("deadlock: {}", circle.names())),
    }
}

/// Two plain locks, taken in opposite orders: nobody watches, so the checker itself must see that all wait.
fn plain_locks(story: &Story) -> Verdict {
    let locks = sync::Arc::new([(); 2].map(|()| sync::Mutex::new(())));
    let both = |first: usize| {
        let (locks, story) = (sync::Arc::clone(&locks), story.clone());
        let named = sync::thread::Builder::new().name(format!("task {first}"));
        let started = named.spawn(move || {
            let _first = locks[first].lock().unwrap();
            story.tell(format!("task {first} takes lock {first}"));
            let _second = locks[1 - first].lock().unwrap();
            story.tell(format!("task {first} takes lock {}", 1 - first));
        });
        started.unwrap()
    };
    for task in [both(0), both(1)] {
        task.join().unwrap();
    }
    Ok(())
}

fn wait_for_signal(story: &Story) -> Verdict {
    let signal = sync::Arc::new(signal::Signal::default());
    let (waiting, told) = (sync::Arc::clone(&signal), story.clone());
    let waiter = sync::thread::spawn(move || {
        waiting.wait();
        told.tell("the waiter goes on");
    });
    signal.set();
    story.tell("the flag is set, and the waiter called");
    waiter.join().unwrap();
    Ok(())
}

fn wait_with_a_gap(story: &Story) -> Verdict {
    let signal = sync::Arc::new(wrong_signal::Signal::default());
    let (waiting, told) = (sync::Arc::clone(&signal), story.clone());
    let waiter = sync::thread::spawn(move || {
        waiting.wait(|| told.tell("the waiter has looked at the flag"));
        told.tell("the waiter goes on");
    });
    signal.set();
    story.tell("the flag is set, and the waiter called");
    waiter.join().unwrap();
    Ok(())
}

/// Two things through a buffer with room for one, in their order.
fn through_the_buffer(_: &Story) -> Verdict {
    let buffer = sync::Arc::new(buffer::Buffer::new(1));
    let ours = sync::Arc::clone(&buffer);
    let maker = sync::thread::spawn(move || (1..=2).for_each(|thing| ours.put(thing)));
    let taken = [buffer.take(), buffer.take()];
    maker.join().unwrap();
    match taken {
        [1, 2] => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// All claims of this lesson.
pub fn claims() -> Vec<Claim> {
    let claim = |text, holds, bound, body| Claim {
        text,
        holds,
        bound,
        body,
    };
    let (all, two) = (Bound::all(), Bound::preemptions(2));
    vec![
        claim(
            "race counts right with 2 threads and no preemption",
            true,
            Bound::preemptions(0),
            |s| count(race::run, 2, s),
        ),
        claim("race counts right with 2 threads", false, all, |s| {
            count(race::run, 2, s)
        }),
        claim("mutex counts right with 2 threads", true, all, |s| {
            count(mutex::run, 2, s)
        }),
        claim("mutex counts right with 3 threads", true, all, |s| {
            count(mutex::run, 3, s)
        }),
        claim(
            "mutex without its lock between reading and writing counts right",
            false,
            all,
            |s| count(wrong_unlocked::run, 2, s),
        ),
        claim("rwlock counts right with 2 threads", true, all, |s| {
            count(rwlock::run, 2, s)
        }),
        claim("atomic counts right with 2 threads", true, all, |s| {
            count(atomic::run, 2, s)
        }),
        claim("atomic counts right with 3 threads", true, all, |s| {
            count(atomic::run, 3, s)
        }),
        claim("cas counts right with 2 threads", true, all, |s| {
            count(cas::run, 2, s)
        }),
        claim("cas counts right with 3 threads", true, two, |s| {
            count(cas::run, 3, s)
        }),
        claim("local counts right with 3 threads", true, all, |s| {
            count(local::run, 3, s)
        }),
        claim("sharded counts right with 3 threads", true, all, |s| {
            count(sharded::run, 3, s)
        }),
        claim("race counts right if nobody looks", false, all, |_| {
            count_unwatched(race::run, 1)
        }),
        claim("mutex counts right if nobody looks", true, all, |_| {
            count_unwatched(mutex::run, 1)
        }),
        claim(
            "local counts right if nobody looks, with 2 updates each",
            true,
            all,
            |_| count_unwatched(local::run, 2),
        ),
        claim(
            "two tasks with two locks in the same order both end",
            true,
            all,
            |s| tasks(two_locks::Order::Same, s),
        ),
        claim(
            "two tasks with two locks in opposite orders both end",
            false,
            all,
            |s| tasks(two_locks::Order::Opposite, s),
        ),
        claim(
            "two plain locks in opposite orders never deadlock",
            false,
            all.first(),
            plain_locks,
        ),
        claim(
            "whoever waits for the signal goes on",
            true,
            all,
            wait_for_signal,
        ),
        claim(
            "whoever waits for the signal with a gap goes on",
            false,
            all.first(),
            wait_with_a_gap,
        ),
        claim(
            "what goes through the buffer comes out in order",
            true,
            all,
            through_the_buffer,
        ),
    ]
}

/// Runs the claim's schedules.
pub fn explore(claim: &Claim) -> Explored {
    proof::explore(claim.bound, claim.body)
}

fn main() -> ExitCode {
    cli::exit_code(run())
}

fn run() -> Result<bool> {
    let mut well = true;
    for claim in claims() {
        let explored = explore(&claim);
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
            let why = failure.message.lines().next().unwrap_or_default();
            let schedule: Vec<_> = failure.schedule.iter().map(usize::to_string).collect();
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
