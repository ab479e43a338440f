//! Whoever is free takes the next URL, and holds the lock of the queue only while taking it.

use super::world::{Arc, Mutex, Net, thread};

pub fn all(net: Arc<Net>, urls: Vec<&'static str>, workers: usize) {
    let queue = Arc::new(Mutex::new(urls));
    let mut threads = Vec::new();
    for _ in 0..workers {
        let (net, queue) = (Arc::clone(&net), Arc::clone(&queue));
        threads.push(thread::spawn(move || {
            loop {
                let Some(url) = queue.lock().unwrap().pop() else {
                    return;
                };
                net.ping(url);
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
