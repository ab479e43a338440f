//! The smallest program with two threads.
//!
//!     cargo run -p countdown --example first_thread

use std::thread;

// ANCHOR: main
fn main() {
    let other = thread::spawn(|| println!("another thread: hello"));
    println!("the first thread: hello");
    other.join().unwrap();
}
// ANCHOR_END: main
