//! `ordered` of `crates/philosophers` without what the lesson has around it (clocks, a timeline, a
//! witness): what the language itself costs, beside the same program in C.
//!
//!     cargo run --release --example peer_dinner -- 1000000

use std::sync::Mutex;
use std::thread;

const SEATS: usize = 5;

fn main() {
    let argument = std::env::args().nth(1).and_then(|n| n.parse().ok());
    let meals: u64 = argument.unwrap_or(1000);
    let forks: [Mutex<()>; SEATS] = Default::default();
    let take = |fork: usize| forks[fork].lock().expect("nobody panics at the table");
    let eaten: u64 = thread::scope(|scope| {
        let seats: Vec<_> = (0..SEATS)
            .map(|seat| {
                scope.spawn(move || {
                    let (left, right) = (seat, (seat + 1) % SEATS);
                    let mut eaten = 0_u64;
                    for _ in 0..meals {
                        let _first = take(left.min(right));
                        let _second = take(left.max(right));
                        // Or the compiler would make one addition of the loop.
                        eaten = std::hint::black_box(eaten + 1);
                    }
                    eaten
                })
            })
            .collect();
        let count = |seat: thread::ScopedJoinHandle<'_, u64>| seat.join().expect("nobody panics");
        seats.into_iter().map(count).sum()
    });
    println!("{eaten}");
}
