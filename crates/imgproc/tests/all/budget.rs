//! The limit on the memory in flight, with real threads. `tests/proof.rs` has more about it.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

use imgproc::budget::Budget;

#[test]
fn never_more_out_than_the_limit() {
    let budget = Budget::new(100);
    let (out, most) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for thread in 0..8_u64 {
            let (budget, out, most) = (&budget, &out, &most);
            scope.spawn(move || {
                for round in 0..200 {
                    let bytes = 10 + (thread * 13 + round * 7) % 50;
                    let share = budget.acquire(bytes);
                    most.fetch_max(out.fetch_add(bytes, SeqCst) + bytes, SeqCst);
                    thread::yield_now();
                    out.fetch_sub(bytes, SeqCst);
                    drop(share);
                }
            });
        }
    });
    assert!(most.load(SeqCst) <= 100, "{most:?}");
    // All has come back, so this does not wait.
    drop(budget.acquire(100));
}

#[test]
fn what_fits_exactly_does_not_wait() {
    let budget = Budget::new(100);
    let shares = [60, 30, 10].map(|bytes| budget.try_acquire(bytes));
    assert!(shares.iter().all(Option::is_some), "{shares:?}");
    assert!(budget.try_acquire(1).is_none());
    drop(shares);
    assert!(budget.try_acquire(100).is_some());
}

#[test]
fn what_is_too_large_goes_alone() {
    let budget = Budget::new(10);
    drop(budget.acquire(1_000));
    assert!(budget.try_acquire(11).is_some());
    let share = budget.acquire(10);
    assert!(budget.try_acquire(1).is_none());
    drop(share);
}
