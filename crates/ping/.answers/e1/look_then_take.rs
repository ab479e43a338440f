//! misconception: a worker looked whether there is a URL, released the lock, and then took one. In
//! between, another worker took the last one. Look and take under one lock: `pop` does both.

use super::world::{Arc, Mutex, Net, thread};

pub fn all(net: Arc<Net>, urls: Vec<&'static str>, workers: usize) {
    let queue = Arc::new(Mutex::new(urls));
    let mut threads = Vec::new();
    for _ in 0..workers {
        let (net, queue) = (Arc::clone(&net), Arc::clone(&queue));
        threads.push(thread::spawn(move || {
            loop {
                if queue.lock().unwrap().is_empty() {
                    return;
                }
                let url = queue.lock().unwrap().pop().unwrap();
                net.ping(url);
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
