//! The claims about threads that wait: for locks in one order or in two, for a signal, and for room
//! in a buffer. The last number of a claim is the number of its schedules.

use std::time::Duration;

use timing::Timeline;
use timing::proof::{Bound, Claim, Story, Verdict};

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
pub fn waiting() -> Vec<Claim> {
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

/// One thread sets the flag, and another one waits for it by `wait`.
fn wait_for_signal(story: &Story, wait: fn(&signal::Signal, &Story)) -> Verdict {
    let signal = Arc::new(signal::Signal::default());
    let (theirs, told) = (Arc::clone(&signal), story.clone());
    let waiter = thread::spawn(move || {
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
