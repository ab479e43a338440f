//! What `move` gives to a thread: a number is copied, an `Arc` is shared.
//!
//!     cargo run -p countdown --example copy_trap

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

fn main() {
    // ANCHOR: copy
    let mut count = 0;
    let other = thread::spawn(move || {
        count += 1;
        count
    });
    println!("copied: the thread has {}", other.join().unwrap());
    println!("copied: main has {count}");
    // ANCHOR_END: copy

    // ANCHOR: arc
    let count = Arc::new(AtomicU32::new(0));
    let theirs = Arc::clone(&count);
    let other = thread::spawn(move || theirs.fetch_add(1, Relaxed));
    other.join().unwrap();
    println!("shared: main has {}", count.load(Relaxed));
    // ANCHOR_END: arc
}
