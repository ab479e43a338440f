//! The counter must show 2 in every schedule.

use timing::practise::Judgement;
use timing::practise::schedules::Schedules;
use world::{Arc, Counter, Mutex, notes, threads, verbs};

pub mod world {
    use std::sync::atomic::Ordering::SeqCst;

    pub use timing::practise::world::*;

    /// A counter of which each read and each write is a step by itself.
    #[derive(Default)]
    pub struct Counter(atomic::AtomicU64);

    impl Counter {
        pub fn read(&self) -> u64 {
            let value = self.0.load(SeqCst);
            note("reads", value);
            value
        }

        pub fn write(&self, value: u64) {
            self.0.store(value, SeqCst);
            note("writes", value);
        }
    }
}

pub fn check(count: fn(&Counter, &Mutex<()>)) -> Judgement {
    Schedules::preemptions(2)
        .always(move || {
            let shared = Arc::new((Counter::default(), Mutex::new(())));
            let theirs = Arc::clone(&shared);
            threads(2, move |_| count(&theirs.0, &theirs.1));
            match shared.0.read() {
                2 => Ok(()),
                value => Err(format!("the counter shows {value} in the end, and not 2.")),
            }
        })
        .map_err(|mistake| mistake.explained(known()))
}

/// The misconception that shows in the order of the steps of a thread.
fn known() -> Option<&'static str> {
    let of_one = verbs().into_iter().find(|verbs| verbs.contains(&"reads"))?;
    match of_one[..] {
        ["locks", "unlocks", "reads", "writes"] => Some(timing::known!(e1, unnamed)),
        ["reads", "locks", "writes", ..] => Some(timing::known!(e1, only_the_write)),
        ["locks", "reads", "unlocks", "locks", "writes", ..] => Some(timing::known!(e1, twice)),
        // The lock that the threads share is the first that was made.
        ["locks", "reads", "writes", "unlocks"] => {
            let own = notes()
                .iter()
                .any(|note| note.verb == "locks" && note.what != "lock 0");
            own.then_some(timing::known!(e1, own_lock))
        }
        _ => None,
    }
}
