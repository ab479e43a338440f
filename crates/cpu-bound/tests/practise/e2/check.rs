//! The sum is right, two threads can compute at the same time, and they meet once a part.

use std::ops::Range;

use timing::practise::schedules::Schedules;
use timing::practise::{Judgement, misconception};
use world::notes;

pub mod world {
    use std::sync::atomic::Ordering::SeqCst;

    pub use timing::practise::world::*;

    /// Takes long: other threads may run in between.
    pub fn is_prime(n: u64) -> bool {
        note("begins", format!("with {n}"));
        moment();
        note("is done", format!("with {n}"));
        n > 1 && (2..n).all(|d| !n.is_multiple_of(d))
    }

    #[derive(Default)]
    #[allow(dead_code)] // Not in every answer.
    pub struct Counter(atomic::AtomicUsize);

    #[allow(dead_code)]
    impl Counter {
        pub fn add(&self, more: usize) {
            self.0.fetch_add(more, SeqCst);
            note("adds", more);
        }

        pub fn get(&self) -> usize {
            self.0.load(SeqCst)
        }
    }
}

pub fn check(primes: fn(Vec<Range<u64>>) -> usize) -> Judgement {
    let run = move || primes(vec![0..3, 3..6]);
    let schedules = Schedules::preemptions(2);
    let scope = schedules.always(move || match run() {
        3 => Ok(()),
        sum => Err(format!("the sum is {sum}, and there are 3 primes below 6.")),
    })?;
    schedules.always(move || {
        run();
        let meetings = ["locks", "adds"];
        let often = notes()
            .iter()
            .filter(|note| meetings.contains(&note.verb))
            .count();
        match (
            often > 3,
            notes()
                .iter()
                .any(|note| note.thread == 0 && note.verb == "begins"),
        ) {
            (true, _) => Err(misconception(timing::known!(e2, each_number))),
            (_, true) => Err("no thread was started for a part: `main` computed it.".into()),
            _ => Ok(()),
        }
    })?;
    let sometimes = schedules.sometimes("", move || {
        run();
        overlap()
    });
    if sometimes.is_ok() {
        return Ok(scope);
    }
    // Never two at a time: the lock, or the order of the joins.
    schedules.always(move || {
        run();
        let locked = notes().iter().any(|note| note.verb == "locks");
        Err(misconception(match locked {
            true => timing::known!(e2, locked),
            false => timing::known!(e2, join_inside),
        }))
    })
}

/// Whether a number was begun while another one was not done.
fn overlap() -> bool {
    timing::practise::world::peak("begins", "is done") > 1
}
