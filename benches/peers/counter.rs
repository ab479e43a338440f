//! The counter of `crates/locks` without the lesson around it (pauses, a story, a timeline). It
//! shows what the language itself costs, beside the same program in C, C++ and Go.
//!
//!     cargo run --release --example peer_counter -- mutex 2 10000000

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use clap::{Parser, ValueEnum};

#[derive(Parser)]
struct Args {
    strategy: Strategy,
    threads: usize,
    updates: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Strategy {
    Mutex,
    Atomic,
    Local,
}

fn main() {
    let args = Args::parse();
    let count = match args.strategy {
        Strategy::Mutex => {
            let counter = Mutex::new(0);
            on_threads(&args, || {
                for _ in 0..args.updates {
                    *counter.lock().expect("no thread panics") += 1;
                }
                0
            });
            counter.into_inner().expect("no thread panics")
        }
        Strategy::Atomic => {
            let counter = AtomicU64::new(0);
            on_threads(&args, || {
                for _ in 0..args.updates {
                    counter.fetch_add(1, Relaxed);
                }
                0
            });
            counter.into_inner()
        }
        Strategy::Local => on_threads(&args, || {
            let mut mine = 0;
            for _ in 0..args.updates {
                // Hidden from the optimiser, which would make one addition of the loop.
                mine = black_box(mine + 1);
            }
            mine
        }),
    };
    println!("{count}");
}

/// Runs `work` on each thread, and returns the sum of what the threads return.
fn on_threads(args: &Args, work: impl Fn() -> u64 + Sync) -> u64 {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..args.threads).map(|_| scope.spawn(&work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no thread panics"))
            .sum()
    })
}
