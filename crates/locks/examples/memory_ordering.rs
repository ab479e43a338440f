//! What a thread may see of another thread's writes. First this machine tries many times; it may
//! never show the surprising outcome. Then a checker (loom) explores what the language's memory
//! model allows, on any machine.
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
use timing::workers::{ended, started};

// `src/ordering.rs` is compiled a second time, with the checker's atomics.
/// The checker's `crate::sync`, where the lesson has the standard library's.
pub mod sync {
    pub use loom::sync::*;
}
#[allow(dead_code, unreachable_pub, missing_docs)]
#[path = "../src/ordering.rs"]
mod ordering;

use loom::sync::atomic::AtomicBool;
use loom::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

const ROUNDS: u32 = 200_000;
/// The rounds end after this time. If a core has something else to do, a round can take long.
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
        let (here, rounds) = both_free_here(fenced)?;
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

/// Counts on this machine in how many rounds both threads find the way free. Returns that number,
/// and the number of rounds: as many as fit into the time.
fn both_free_here(fenced: bool) -> Result<(usize, usize)> {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
    let flags = [AtomicBool::new(false), AtomicBool::new(false)];
    let (arrived, enough) = (AtomicU32::new(0), AtomicBool::new(false));
    let begin = Instant::now();
    // All rounds of one of the two threads, and what it found in each.
    let rounds = |me: usize| -> Vec<bool> {
        let mut found = Vec::new();
        for number in 0..ROUNDS {
            flags[me].store(false, Relaxed);
            meet(&arrived, 4 * number + 2);
            found.push(machine::is_free(&flags[me], &flags[1 - me], fenced));
            // One thread decides for both, before they meet again.
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
        let thread = thread::Builder::new().spawn_scoped(scope, || rounds(1));
        let thread = started("thread 1", thread)?;
        let mine = rounds(0);
        Ok::<_, anyhow::Error>((mine, ended("thread 1", thread.join())?))
    })?;
    let both = mine.iter().zip(&theirs).filter(|(a, b)| **a && **b);
    Ok((both.count(), mine.len()))
}

/// A barrier that spins, so that both threads leave it at nearly the same time: waits until `all`
/// arrivals were counted. A barrier that sleeps would be too slow.
fn meet(arrived: &std::sync::atomic::AtomicU32, all: u32) {
    use std::sync::atomic::Ordering::SeqCst;
    arrived.fetch_add(1, SeqCst);
    let mut turns = 0_u32;
    while arrived.load(SeqCst) < all {
        turns += 1;
        match turns {
            ..1_000 => hint::spin_loop(),
            // The other thread may need this core.
            _ => thread::yield_now(),
        }
    }
}

/// Returns what the two threads may find, in all executions that loom explores.
pub fn both_free(fenced: bool) -> BTreeSet<(bool, bool)> {
    outcomes(move || {
        let flags = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let theirs = Arc::clone(&flags);
        let other = loom::thread::spawn(move || ordering::is_free(&theirs[1], &theirs[0], fenced));
        let mine = ordering::is_free(&flags[0], &flags[1], fenced);
        (mine, other.join().unwrap())
    })
}

/// Returns what may be collected, in all executions that loom explores.
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

/// Runs all executions of the model, and returns their outcomes. There is no limit on them: loom
/// would count the end of its time as a pass.
fn outcomes<T: Ord + Send + 'static>(model: impl Fn() -> T + Send + Sync + 'static) -> BTreeSet<T> {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let all = Arc::clone(&seen);
    let mut checker = loom::model::Builder::new();
    // loom takes these from the environment. A bound would leave outcomes out without a word.
    (checker.preemption_bound, checker.max_permutations) = (None, None);
    checker.max_duration = None;
    checker.check(move || {
        let outcome = model();
        all.lock().unwrap().insert(outcome);
    });
    std::mem::take(&mut *seen.lock().unwrap())
}
