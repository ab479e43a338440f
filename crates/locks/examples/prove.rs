//! Runs the lesson's own files under a checker, in every order in which their threads can take
//! turns, and tells the story of a schedule that fails. Where all schedules are run, it is the
//! shortest story. (A line on stderr about a backtrace is the checker's own.)
//!
//!     cargo run -p locks --example prove

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
pub use locks::{Counted, Job, Tell};
use timing::Timeline;
use timing::cli;
use timing::proof::{self, Bound, Claim, Story, Verdict};

// The files of the lesson are compiled once more below, and find the checker's `crate::sync`.
/// The checker's locks, atomics and threads, where the lesson has the standard library's.
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
    local "../src/local.rs"
    lock_order "../src/lock_order.rs"
    mutex "../src/mutex.rs"
    observer "../src/observer.rs"
    race "../src/race.rs"
    rwlock "../src/rwlock.rs"
    sharded "../src/sharded.rs"
    signal "../src/signal.rs"
    two_locks "../src/two_locks.rs"
    watched "../src/watched.rs"
    workers "../src/workers.rs"
    wrong_signal "../tests/wrong/signal.rs"
    wrong_unlocked "../tests/wrong/unlocked.rs"
}
use lock_order::Order;

fn main() -> ExitCode {
    cli::exit_code(run())
}

fn run() -> Result<bool> {
    proof::report(claims())
}

/// Returns all claims of this lesson. Of each, the last number is the number of its schedules.
pub fn claims() -> Vec<Claim> {
    [counters(), unobserved(), tasks(), waiting()].concat()
}

/// Every strategy counts right, except `race` and a mutex that is released too early.
fn counters() -> Vec<Claim> {
    let (all, two) = (Bound::all(), Bound::preemptions(2));
    vec![
        Claim::holds(
            "race counts right with 2 threads and no preemption",
            Bound::preemptions(0),
            3,
            |story| count(race::run, 2, story),
        ),
        race(),
        right("mutex", mutex::run, 2, all, 51),
        right("mutex", mutex::run, 3, all, 12_786),
        unlocked(),
        right("rwlock", rwlock::run, 2, all, 51),
        right("atomic", atomic::run, 2, all, 19),
        right("atomic", atomic::run, 3, all, 1_121),
        right("cas", cas::run, 2, all, 79),
        right("cas", cas::run, 3, two, 749),
        right("local", local::run, 3, all, 44),
        right("sharded", sharded::run, 3, all, 1_121),
    ]
}

/// `race` loses an update.
pub fn race() -> Claim {
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
fn unobserved() -> Vec<Claim> {
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
        ),
    ]
}

/// Two tasks with two locks: in the same order, in opposite orders, and with plain locks.
fn tasks() -> Vec<Claim> {
    vec![
        Claim::holds(
            "two tasks with two locks in the same order both end",
            Bound::all(),
            172,
            |story| both_end(Order::Same, story),
        ),
        opposite_orders(),
        Claim::fails(
            "two plain locks in opposite orders never deadlock",
            "deadlock",
            Bound::all().first(),
            29,
            plain_locks,
        ),
    ]
}

/// Two tasks with two locks in opposite orders deadlock.
pub fn opposite_orders() -> Claim {
    Claim::fails(
        "two tasks with two locks in opposite orders both end",
        "deadlock",
        Bound::all(),
        357,
        |story| both_end(Order::Opposite, story),
    )
}

/// Condition variables: a signal with and without a gap, and a bounded buffer.
fn waiting() -> Vec<Claim> {
    let all = Bound::all();
    vec![
        Claim::holds("whoever waits for the signal goes on", all, 15, |story| {
            wait_for_signal(story, |signal, _| signal.wait())
        }),
        Claim::fails(
            "whoever waits for the signal with a gap goes on",
            "deadlock",
            all.first(),
            10,
            |story| {
                wait_for_signal(story, |signal, story| {
                    let gap = || story.tell("the waiter has looked at the flag");
                    wrong_signal::wait(signal, gap);
                })
            },
        ),
        Claim::holds(
            "what goes through the buffer comes out in order",
            all,
            1_034,
            through_the_buffer,
        ),
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

fn tell(story: &Story) -> Tell {
    let story = story.clone();
    std::sync::Arc::new(move |line: String| story.tell(line))
}

/// Two tasks whose locks are watched: neither may notice a deadlock.
fn both_end(order: Order, story: &Story) -> Verdict {
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
}

/// Two locks that are not watched, taken in opposite orders: the checker itself must see that no
/// thread can go on.
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

/// One thread sets the flag, and another one waits for it by `wait`.
fn wait_for_signal(story: &Story, wait: fn(&signal::Signal, &Story)) -> Verdict {
    let signal = sync::Arc::new(signal::Signal::default());
    let (theirs, told) = (sync::Arc::clone(&signal), story.clone());
    let waiter = sync::thread::spawn(move || {
        wait(&theirs, &told);
        told.tell("the waiter goes on");
    });
    signal.set();
    story.tell("the flag is set, and the waiter called");
    waiter.join().unwrap();
    Ok(())
}

/// Two items go through a buffer with room for one, and must keep their order.
fn through_the_buffer(_: &Story) -> Verdict {
    let buffer = sync::Arc::new(buffer::Buffer::new(1));
    let theirs = sync::Arc::clone(&buffer);
    let producer = sync::thread::spawn(move || (1..=2).for_each(|item| theirs.put(item)));
    let taken = [buffer.take(), buffer.take()];
    producer.join().unwrap();
    match taken {
        [1, 2] => Ok(()),
        other => Err(format!("{other:?}")),
    }
}
