//! The claims about threads that wait: for locks in one order or in two, for a signal, and for room
//! in a buffer. The last number of a claim is the number of its schedules.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use timing::Timeline;
use timing::proof::{Bound, Claim, Story, Verdict, spuriously};

use super::lock_order::Order;
use super::sync::{Arc, Mutex, thread};
use super::{buffer, signal, tell, two_locks, wrong_signal};

/// Two tasks with two locks: in the same order, in opposite orders, and with plain locks.
pub fn tasks() -> Vec<Claim> {
    vec![
        Claim::holds(
            "two tasks with two locks in the same order both end",
            Bound::all(),
            172,
            |story| both_end(Order::Same, story),
        ),
        opposite_orders(),
        Claim::holds(
            "two tasks that each hold one lock and want the other always deadlock",
            Bound::all(),
            28,
            always_deadlock,
        ),
        Claim::fails(
            "two plain locks in opposite orders never deadlock",
            "deadlock",
            Bound::all(),
            301,
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
pub fn waiting() -> Vec<Claim> {
    let (all, two) = (Bound::all(), Bound::preemptions(2));
    vec![
        Claim::holds("whoever waits for the signal goes on", all, 15, |story| {
            wait_for_signal(story, |signal, _| {
                signal.wait();
                true
            })
        }),
        Claim::holds(
            "whoever waits for the signal goes on when it is set, and not before",
            all,
            582,
            |story| {
                let wait = |signal: &signal::Signal, _: &Story| {
                    signal.wait();
                    *signal.look()
                };
                spuriously(|| wait_for_signal(story, wait))
            },
        ),
        Claim::holds(
            "all who wait for the signal go on",
            all,
            4_765,
            two_wait_for_signal,
        ),
        Claim::fails(
            "whoever waits for the signal with a gap goes on",
            "deadlock",
            Bound::preemptions(1),
            11,
            call_into_the_gap,
        ),
        Claim::holds(
            "what goes through the buffer comes out in order",
            all,
            1_034,
            through_the_buffer,
        ),
        Claim::holds(
            "two producers never put more into the buffer than there is room for",
            two,
            3_356,
            |_| never_too_full(),
        ),
        Claim::holds(
            "two producers never do so if waits end without a call, either",
            Bound::preemptions(1),
            75_958,
            |_| spuriously(never_too_full),
        ),
        Claim::holds("two consumers that wait each get an item", two, 628, |_| {
            two_consumers()
        }),
        Claim::holds(
            "two consumers each get an item if waits end without a call",
            two,
            5_831,
            |_| spuriously(two_consumers),
        ),
        Claim::holds("two producers that wait both find room", two, 1_680, |_| {
            two_producers_wait()
        }),
    ]
}

/// Two tasks whose locks are watched: neither may notice a deadlock.
fn both_end(order: Order, story: &Story) -> Verdict {
    run_tasks(order, two_locks::Interleaving::Any, story)
}

/// Two tasks that each take their first lock before either wants its second.
fn always_deadlock(story: &Story) -> Verdict {
    match run_tasks(Order::Opposite, two_locks::Interleaving::BothHoldOne, story) {
        Ok(()) => Err("no deadlock".to_owned()),
        Err(_) => Ok(()),
    }
}

fn run_tasks(order: Order, interleaving: two_locks::Interleaving, story: &Story) -> Verdict {
    let plan = two_locks::Plan {
        order,
        interleaving,
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
    let locks = Arc::new([(); 2].map(|()| Mutex::new(())));
    let both = |first: usize| {
        let (locks, story) = (Arc::clone(&locks), story.clone());
        let named = thread::Builder::new().name(format!("task {first}"));
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

/// One thread sets the flag, and another one waits for it by `wait`, which returns whether it was
/// set then.
fn wait_for_signal(story: &Story, wait: fn(&signal::Signal, &Story) -> bool) -> Verdict {
    let signal = Arc::new(signal::Signal::default());
    let (theirs, told) = (Arc::clone(&signal), story.clone());
    let waiter = thread::spawn(move || {
        let was_set = wait(&theirs, &told);
        told.tell("the waiter goes on");
        was_set
    });
    signal.set();
    story.tell("the flag is set, and the waiter called");
    let was_set = waiter.join().unwrap();
    was_set.then_some(()).ok_or("went on too early".to_owned())
}

/// One thread sets the flag, and another one waits for it with a gap. Each has a thread of its own:
/// if the main thread set the flag, it would have to be preempted once only to let the other begin.
fn call_into_the_gap(story: &Story) -> Verdict {
    let signal = Arc::new(signal::Signal::default());
    let (theirs, told) = (Arc::clone(&signal), story.clone());
    let waiter = thread::spawn(move || {
        let gap = || told.tell("the waiter has looked at the flag");
        wrong_signal::wait(&theirs, gap);
        told.tell("the waiter goes on");
    });
    let told = story.clone();
    let caller = thread::spawn(move || {
        signal.set();
        told.tell("the flag is set, and the waiter called");
    });
    for thread in [waiter, caller] {
        thread.join().unwrap();
    }
    Ok(())
}

/// One thread sets the flag, and two wait for it.
fn two_wait_for_signal(_: &Story) -> Verdict {
    let signal = Arc::new(signal::Signal::default());
    let waiters = [(); 2].map(|()| {
        let theirs = Arc::clone(&signal);
        thread::spawn(move || theirs.wait())
    });
    signal.set();
    for waiter in waiters {
        waiter.join().unwrap();
    }
    Ok(())
}

/// Two items go through a buffer with room for one, and must keep their order.
fn through_the_buffer(_: &Story) -> Verdict {
    let buffer = Arc::new(buffer::Buffer::new(1));
    let theirs = Arc::clone(&buffer);
    let producer = thread::spawn(move || (1..=2).for_each(|item| theirs.put(item)));
    let taken = [buffer.take(), buffer.take()];
    producer.join().unwrap();
    match taken {
        [1, 2] => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// A producer of two items and one of one, and room for one. An item is in the buffer from the end
/// of its `put` until the end of a `take`, so at no time can more puts have ended than takes have
/// begun, and room.
fn never_too_full() -> Verdict {
    // Only noted, no step of the schedule.
    let (put, begun) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let too_full = Arc::new(AtomicBool::new(false));
    let buffer = Arc::new(buffer::Buffer::new(1));
    let producers = [2, 1].map(|items| {
        let (buffer, put, begun) = (Arc::clone(&buffer), Arc::clone(&put), Arc::clone(&begun));
        let too_full = Arc::clone(&too_full);
        thread::spawn(move || {
            for item in 0..items {
                buffer.put(item);
                if put.fetch_add(1, SeqCst) > begun.load(SeqCst) {
                    too_full.store(true, SeqCst);
                }
            }
        })
    });
    for _ in 0..3 {
        begun.fetch_add(1, SeqCst);
        buffer.take();
    }
    for producer in producers {
        producer.join().unwrap();
    }
    match too_full.load(SeqCst) {
        false => Ok(()),
        true => Err("two items in room for one".to_owned()),
    }
}

/// Two consumers, one item for each, and room for both.
fn two_consumers() -> Verdict {
    let buffer = Arc::new(buffer::Buffer::new(2));
    let consumers = [(); 2].map(|()| {
        let buffer = Arc::clone(&buffer);
        thread::spawn(move || buffer.take())
    });
    buffer.put(1);
    buffer.put(2);
    let mut taken = consumers.map(|consumer| consumer.join().unwrap());
    taken.sort();
    match taken {
        [1, 2] => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// Two producers come to a full buffer with room for two; then all is taken.
fn two_producers_wait() -> Verdict {
    let buffer = Arc::new(buffer::Buffer::new(2));
    buffer.put(0);
    buffer.put(0);
    let producers = [1, 2].map(|item| {
        let buffer = Arc::clone(&buffer);
        thread::spawn(move || buffer.put(item))
    });
    let taken: u32 = (0..4).map(|_| buffer.take()).sum();
    for producer in producers {
        producer.join().unwrap();
    }
    match taken {
        3 => Ok(()),
        other => Err(format!("the items add up to {other}")),
    }
}
