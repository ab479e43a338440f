//! What goes wrong in a thread becomes the value of its row.

use super::world::{Row, ping, thread};

pub fn rows(urls: &[&'static str]) -> Vec<Row> {
    let start = |url: &&'static str| {
        let url = *url;
        thread::spawn(move || ping(url))
    };
    let threads: Vec<_> = urls.iter().map(start).collect();
    let row = |thread: thread::JoinHandle<_>| match thread.join() {
        Ok(Ok(status)) => Row::Answered(status),
        Ok(Err(error)) => Row::Failed(error),
        Err(_panic) => Row::Failed("the thread panicked".to_owned()),
    };
    threads.into_iter().map(row).collect()
}
