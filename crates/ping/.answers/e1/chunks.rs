//! misconception: the list was cut into a chunk for each worker. Behind a URL that does not answer,
//! the rest of its chunk waits, while other workers are idle. Take URLs one by one from one queue.

use super::world::{Arc, Net, thread};

pub fn all(net: Arc<Net>, urls: Vec<&'static str>, workers: usize) {
    let mut threads = Vec::new();
    for chunk in urls.chunks(urls.len().div_ceil(workers)) {
        let (net, chunk) = (Arc::clone(&net), chunk.to_vec());
        threads.push(thread::spawn(move || {
            for url in chunk {
                net.ping(url);
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
