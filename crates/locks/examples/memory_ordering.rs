//! What a thread may see of another's writes. First this machine is asked, many times over; it may never show the worst. Then
//! a checker (loom) goes through everything that the language's memory model allows, on whatever machine.
//!
//!     cargo run -p locks --example memory_ordering

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{hint, thread};

use anyhow::Result;
use locks::ordering as machine;
use timing::cli;

// The checker's world: the same file, other atomics.
/// What the mounted files find where the lesson has `std`.
pub mod sync {
    pub use loom::sync::*;
}
#[allow(dead_code, unreachable_pub, missing_docs)]
#[path = "../src/ordering.rs"]
mod ordering;

use loom::sync::atomic::AtomicBool;
use loom::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

const ROUNDS: u32 = 200_000;
/// A core that has something else to do makes each round as long as it likes.
const TIME: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    cli::exit_code(run())
}

fn run() -> Result<bool> {
    cli::print(
        "Two threads each raise a flag, then look at the other's. Do both find the way free?\n",
    )?;
    for fenced in [false, true] {
        let name = if fenced { "with a fence" } else { "relaxed" };
        let both = both_free(fenced).contains(&(true, true));
        let (here, rounds) = both_free_here(fenced);
        let both = if both { "possible" } else { "impossible" };
        cli::print(&format!(
            "  {name:<13} this machine: {here} of {rounds} rounds; by the memory model: {both}\n"
        ))?;
    }
    cli::print(
        "One thread posts a letter and raises a flag; the other sees the flag. What does it find?\n",
    )?;
    for (name, raise, look) in [
        ("relaxed", Relaxed, Relaxed),
        ("release/acquire", Release, Acquire),
    ] {
        let found = letters(raise, look);
        let found: Vec<_> = found.iter().map(letter).collect();
        cli::print(&format!(
            "  {name:<16} by the memory model: {}\n",
            found.join(", or ")
        ))?;
    }
    Ok(true)
}

fn letter(found: &Option<u32>) -> String {
    match found {
        None => "no flag".to_owned(),
        Some(0) => "the flag, and no letter".to_owned(),
        Some(_) => "the flag and the letter".to_owned(),
    }
}

/// How often both found the way free, here and now, and of how many rounds: as many as fit into the time.
fn both_free_here(fenced: bool) -> (usize, usize) {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
    let flags = [AtomicBool::new(false), AtomicBool::new(false)];
    let (arrived, enough) = (AtomicU32::new(0), AtomicBool::new(false));
    let begin = Instant::now();
    // All rounds of one of the two, and what each found.
    let rounds = |me: usize| -> Vec<bool> {
        let mut found = Vec::new();
        for number in 0..ROUNDS {
            flags[me].store(false, Relaxed);
            meet(&arrived, 4 * number + 2);
            found.push(machine::is_free(&flags[me], &flags[1 - me], fenced));
            // One of them decides for both, before they meet again.
            if me == 0 && begin.elapsed() > TIME {
                enough.store(true, Relaxed);
            }
            meet(&arrived, 4 * number + 4);
            if enough.load(Relaxed) {
                break;
            }
        }
        found
    };
    let (mine, theirs) = thread::scope(|scope| {
        let theirs = scope.spawn(|| rounds(1));
        (rounds(0), theirs.join().expect("it does not panic"))
    });
    let both = mine.iter().zip(&theirs).filter(|(a, b)| **a && **b);
    (both.count(), mine.len())
}

/// Waits until so many have arrived, as closely together as can be: a barrier that sleeps would be too slow.
fn meet(arrived: &std::sync::atomic::AtomicU32, all: u32) {
    use std::sync::atomic::Ordering::SeqCst;
    arrived.fetch_add(1, SeqCst);
    let mut turns = 0_u32;
    while arrived.load(SeqCst) < all {
        turns += 1;
        match turns {
            ..1_000 => hint::spin_loop(),
            // The other may need this very core.
            _ => thread::yield_now(),
        }
    }
}

/// What the two may find, in all executions that the memory model allows.
pub fn both_free(fenced: bool) -> BTreeSet<(bool, bool)> {
    outcomes(move || {
        let flags = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let theirs = Arc::clone(&flags);
        let other = loom::thread::spawn(move || ordering::is_free(&theirs[1], &theirs[0], fenced));
        let mine = ordering::is_free(&flags[0], &flags[1], fenced);
        (mine, other.join().unwrap())
    })
}

/// What may be collected, in all executions that the memory model allows.
pub fn letters(raise: Ordering, look: Ordering) -> BTreeSet<Option<u32>> {
    outcomes(move || {
        let mailbox = Arc::new(ordering::Mailbox::default());
        let theirs = Arc::clone(&mailbox);
        let poster = loom::thread::spawn(move || theirs.post(42, raise));
        let found = mailbox.collect(look);
        poster.join().unwrap();
        found
    })
}

/// Runs the model to the end of all its executions. There is no time limit: loom would take its end for a pass.
fn outcomes<T: Ord + Send + 'static>(model: impl Fn() -> T + Send + Sync + 'static) -> BTreeSet<T> {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let noted = Arc::clone(&seen);
    loom::model(move || {
        let outcome = model();
        noted.lock().unwrap().insert(outcome);
    });
    std::mem::take(&mut *seen.lock().unwrap())
}
