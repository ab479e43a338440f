//! The interpreter's lock, in every schedule within a bound: one thread at a time has it, nobody
//! waits for ever, and who is asked for it does not get it back before another had it.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use shuttle::thread;
use timing::proof::{Bound, Claim, Story};

/// The checker's locks. The time of a wait may be up at any moment.
mod sync {
    pub use shuttle::sync::*;
    pub use timing::proof::Condvar;
}

#[allow(dead_code, unreachable_pub)]
#[path = "../src/interpreter_lock.rs"]
mod interpreter_lock;

use interpreter_lock::InterpreterLock;

/// So many threads run an interpreter in which each has `pieces` pieces of work. Returns whether
/// one released the lock since another had asked for it.
fn interpreters(threads: usize, pieces: usize, story: &Story) -> Result<bool, String> {
    let lock = Arc::new(InterpreterLock::default());
    let inside = Arc::new(AtomicBool::new(false));
    // Who took the lock, and whether somebody else had asked for it when it was released.
    let takers = Arc::new(Mutex::new(Vec::new()));
    let interpret = |number: usize| {
        let (lock, inside) = (Arc::clone(&lock), Arc::clone(&inside));
        let (takers, story) = (Arc::clone(&takers), story.clone());
        thread::spawn(move || {
            let take = || {
                lock.take();
                assert!(
                    !inside.swap(true, SeqCst),
                    "two threads run the interpreter"
                );
                story.tell(format!("thread {number} takes the lock"));
                takers.lock().unwrap().push((number, false));
            };
            let release = |wanted: bool| {
                inside.store(false, SeqCst);
                takers.lock().unwrap().last_mut().unwrap().1 = wanted;
                let why = if wanted { " on request" } else { "" };
                story.tell(format!("thread {number} releases the lock{why}"));
                lock.release();
            };
            take();
            for _ in 1..pieces {
                if lock.is_wanted() {
                    release(true);
                    take();
                }
            }
            release(lock.is_wanted());
        })
    };
    let all: Vec<_> = (0..threads).map(interpret).collect();
    for thread in all {
        thread.join().map_err(|_| "a thread panicked")?;
    }
    let takers = takers.lock().unwrap();
    match takers
        .windows(2)
        .find(|two| two[0].1 && two[0].0 == two[1].0)
    {
        None => Ok(takers.iter().any(|(_, wanted)| *wanted)),
        Some(two) => Err(format!("thread {} gets it back at once", two[0].0)),
    }
}

#[track_caller]
fn check(threads: usize, pieces: usize, bound: Bound, schedules: usize) {
    let text = format!("{threads} interpreters with {pieces} pieces of work");
    let claim = Claim::holds(text, bound, schedules, move |story| {
        interpreters(threads, pieces, story).map(drop)
    });
    claim.check().unwrap();
}

#[test]
fn two_interpreters() {
    check(2, 2, Bound::preemptions(2), 2_910);
}

#[test]
fn three_interpreters() {
    check(3, 2, Bound::preemptions(1), 23_950);
}

/// Otherwise the claims above would be about a lock that nobody ever asks for.
#[test]
fn a_thread_is_asked_for_the_lock() {
    let bound = Bound::preemptions(2).first();
    let text = "nobody is ever asked for the lock";
    let claim = Claim::fails(
        text,
        "somebody was asked",
        bound,
        534,
        |story| match interpreters(2, 2, story)? {
            true => Err("somebody was asked".to_owned()),
            false => Ok(()),
        },
    );
    claim.check().unwrap();
}
