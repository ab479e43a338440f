//! misconception: tasks are cheap, and what they do is not: each ping is a socket here and work for
//! the server there. Nothing limited how many pings there were at a time.

use super::world::{ping, spawn};

pub async fn all(urls: Vec<u32>, _limit: usize) {
    let tasks: Vec<_> = urls.into_iter().map(|url| spawn(ping(url))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}
