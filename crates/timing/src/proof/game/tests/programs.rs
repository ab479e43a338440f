//! Two programs to play with. They have a file of their own so that its lines stay where they are.

use std::sync::Arc;

use crate::proof::Verdict;
use crate::proof::world::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use crate::proof::world::sync::{Condvar, Mutex};
use crate::proof::world::thread::Builder;

/// Two threads do what they are given.
fn two(act: impl Fn(usize) + Clone + Send + 'static) {
    let threads = ["Ann", "Ben"].into_iter().zip(0..).map(|(name, number)| {
        let act = act.clone();
        let builder = Builder::new().name(name.to_owned());
        builder.spawn(move || act(number)).unwrap()
    });
    for thread in threads.collect::<Vec<_>>() {
        thread.join().unwrap();
    }
}

/// Each counts up in two steps.
pub(super) fn race() -> Verdict {
    let counter = Arc::new(AtomicUsize::new(0));
    let shared = Arc::clone(&counter);
    two(move |_| {
        let value = shared.load(SeqCst);
        shared.store(value + 1, SeqCst);
    });
    match counter.load(SeqCst) {
        2 => Ok(()),
        value => Err(format!("the counter shows {value}")),
    }
}

/// Each takes a lock, and then the other's, or waits for a call that comes before.
pub(super) fn crossed() -> Verdict {
    let shared = Arc::new(([Mutex::new(0), Mutex::new(0)], Condvar::new()));
    two(move |number| {
        let (locks, bell) = &*shared;
        let mut mine = locks[number].lock().unwrap();
        *mine += 1;
        if number == 0 && locks[1].try_lock().is_err() {
            mine = bell.wait(mine).unwrap();
        }
        bell.notify_all();
        drop(locks[1 - number].lock().unwrap());
        drop(mine);
    });
    Ok(())
}
