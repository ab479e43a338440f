//! misconception: the queue was locked during the ping. In `while let Some(url) = queue.lock()...`
//! the guard has no name, and it lives until the end of the loop's body. Take the URL in a
//! statement of its own: `let url = queue.lock().unwrap().pop();`.

use super::world::{Arc, Mutex, Net, thread};

pub fn all(net: Arc<Net>, urls: Vec<&'static str>, workers: usize) {
    let queue = Arc::new(Mutex::new(urls));
    let mut threads = Vec::new();
    for _ in 0..workers {
        let (net, queue) = (Arc::clone(&net), Arc::clone(&queue));
        threads.push(thread::spawn(move || {
            while let Some(url) = queue.lock().unwrap().pop() {
                net.ping(url);
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
}
