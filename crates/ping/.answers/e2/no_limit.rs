//! misconception: nothing limited the number of pings at a time. A task is cheap, and a ping is
//! not: it is a socket here, and work for the server.

use super::world::{ping, spawn};

pub async fn all(urls: Vec<u32>, _limit: usize) {
    let tasks: Vec<_> = urls.into_iter().map(|url| spawn(ping(url))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}
