//! compiler: `Rc<
//!
//! misconception: `Rc` counts its owners with plain additions. Two threads could lose one of these
//! additions, and the value would be freed too early. So the compiler lets no `Rc` into another
//! thread: it is not `Send`. `Arc` counts with atomic additions.

use super::world::{Counter, Mutex, Rc, thread};

pub fn count() -> u64 {
    let counter = Rc::new(Mutex::new(Counter::default()));
    let threads = [1, 2].map(|_| {
        let counter = Rc::clone(&counter);
        thread::spawn(move || counter.lock().unwrap().add(1))
    });
    for thread in threads {
        thread.join().unwrap();
    }
    counter.lock().unwrap().value()
}
