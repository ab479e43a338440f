//! Many pings at a time, but never more than a limit.
//!
//! `ping(url).await` takes a tick. Ping all URLs, as fast as the limit lets you: `limit` of them at
//! any time. The list may be long, so there may also be no more tasks than that: wait for a permit
//! before you spawn. `Semaphore::new(n)` has n permits, `acquire().await` waits for one, and a
//! permit is given back when it is dropped.

use super::world::ping;

pub async fn all(urls: Vec<u32>, _limit: usize) {
    for url in urls {
        ping(url).await;
    }
}
