//! misconception: with a thread for each URL, nothing limits the number of threads: a list of 100
//! 000 URLs is 100 000 threads and sockets. A pool has a fixed number.

use super::world::{Arc, Net, thread};

pub fn all(net: Arc<Net>, urls: Vec<&'static str>, _workers: usize) {
    let mut threads = Vec::new();
    for url in urls {
        let net = Arc::clone(&net);
        threads.push(thread::spawn(move || net.ping(url)));
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
