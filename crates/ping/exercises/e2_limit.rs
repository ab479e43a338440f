//! Many pings at a time, but never more than a limit.
//!
//! `ping(url).await` takes a tick. Ping all URLs, and keep `limit` pings in flight until the list
//! is at its end. As the list may be long, there must also be at most `limit` tasks at a time: wait
//! for a permit before you spawn. `Semaphore::new(n)` has n permits. `acquire().await` waits for
//! one, and a permit is given back when it is dropped. `Semaphore` and `spawn` are in
//! `super::world`, too.

use super::world::ping;

pub async fn all(urls: Vec<u32>, _limit: usize) {
    for url in urls {
        ping(url).await;
    }
}
