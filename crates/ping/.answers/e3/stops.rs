//! misconception: no row was made after the first failure, and the answers of the other URLs are
//! lost. `?` and `break` end everything, though only one part has failed.

use super::world::{Row, ping, thread};

pub fn rows(urls: &[&'static str]) -> Vec<Row> {
    let start = |url: &&'static str| {
        let url = *url;
        thread::spawn(move || ping(url))
    };
    let threads: Vec<_> = urls.iter().map(start).collect();
    let mut rows = Vec::new();
    for thread in threads {
        match thread.join() {
            Ok(Ok(status)) => rows.push(Row::Answered(status)),
            _ => break,
        }
    }
    rows
}
