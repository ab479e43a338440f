//! In every execution that the memory model allows, as far as loom explores them, the flag comes
//! with the letter.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use timing::practise::{Judgement, Mistake};
use world::{Flag, Letter, Ordering, noted};

pub mod world {
    use std::cell::RefCell;

    pub use loom::sync::atomic::Ordering;
    use loom::sync::atomic::{AtomicBool, AtomicU32};

    thread_local! {
        // The checker runs all threads on one thread of the system, one at a time.
        static NOTES: RefCell<Vec<(&'static str, Ordering)>> = const { RefCell::new(Vec::new()) };
    }

    fn note(operation: &'static str, ordering: Ordering) {
        NOTES.with_borrow_mut(|notes| notes.push((operation, ordering)));
    }

    /// What was done since the last call, and with which ordering.
    pub fn noted() -> Vec<(&'static str, Ordering)> {
        NOTES.take()
    }

    pub struct Letter(AtomicU32);

    impl Letter {
        pub fn empty() -> Self {
            Self(AtomicU32::new(0))
        }

        pub fn store(&self, value: u32, ordering: Ordering) {
            note("write", ordering);
            self.0.store(value, ordering);
        }

        pub fn load(&self, ordering: Ordering) -> u32 {
            self.0.load(ordering)
        }
    }

    pub struct Flag(AtomicBool);

    impl Flag {
        pub fn lowered() -> Self {
            Self(AtomicBool::new(false))
        }

        pub fn store(&self, value: bool, ordering: Ordering) {
            note("raise", ordering);
            self.0.store(value, ordering);
        }

        pub fn load(&self, ordering: Ordering) -> bool {
            note("look", ordering);
            self.0.load(ordering)
        }
    }

    #[allow(dead_code)] // Not in every answer.
    pub fn fence(ordering: Ordering) {
        note("fence", ordering);
        loom::sync::atomic::fence(ordering);
    }
}

type Post = fn(&Letter, &Flag);
type Collect = fn(&Letter, &Flag) -> Option<u32>;

pub fn check(post: Post, collect: Collect) -> Judgement {
    let seen = Arc::new(Mutex::new((BTreeSet::new(), 0)));
    let all = Arc::clone(&seen);
    loom::model(move || {
        noted();
        let mailbox = Arc::new((Letter::empty(), Flag::lowered()));
        let theirs = Arc::clone(&mailbox);
        let poster = loom::thread::spawn(move || post(&theirs.0, &theirs.1));
        let found = collect(&mailbox.0, &mailbox.1);
        poster.join().unwrap();
        let mut all = all.lock().unwrap();
        all.0.insert(found);
        all.1 += 1;
    });
    let (found, executions) = &*seen.lock().unwrap();
    if found.contains(&Some(0)) {
        return Err(known(&noted()));
    }
    match found.iter().flatten().next() {
        Some(42) => Ok(format!(
            "right in all {executions} executions that loom explores"
        )),
        _ => Err(Mistake::new("no execution ever finds the letter 42.")),
    }
}

/// The misconception behind what the two threads did in the last execution.
fn known(noted: &[(&'static str, Ordering)]) -> Mistake {
    let with = |name| noted.iter().find(|(operation, _)| *operation == name);
    let at = |name| noted.iter().position(|(operation, _)| *operation == name);
    let publishes = matches!(
        with("raise"),
        Some((_, Ordering::Release | Ordering::SeqCst))
    );
    let receives = matches!(
        with("look"),
        Some((_, Ordering::Acquire | Ordering::SeqCst))
    );
    if with("write").is_none() {
        Mistake::new("nobody writes the letter.")
    } else if with("fence").is_some() {
        Mistake::known(timing::known!(e5, one_fence))
    } else if at("raise") < at("write") {
        Mistake::known(timing::known!(e5, flag_first))
    } else if publishes {
        Mistake::known(timing::known!(e5, relaxed_load))
    } else if receives {
        Mistake::known(timing::known!(e5, relaxed_store))
    } else {
        Mistake::new("in some execution the flag is raised and the letter is still 0.")
    }
}
