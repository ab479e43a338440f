//! There is a row for each URL, whatever happened to it.

use std::panic;

use timing::practise::{Judgement, Mistake};
use world::Row;

pub mod world {
    pub use std::thread;

    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Row {
        /// The status of the answer.
        Answered(u16),
        /// Why there was none.
        Failed(String),
    }

    pub fn ping(url: &str) -> Result<u16, String> {
        match url {
            "http://refused" => Err("connection refused".to_owned()),
            "http://panics" => panic!("a fault in ping"),
            "http://not-found" => Ok(404),
            _ => Ok(200),
        }
    }
}

const URLS: [&str; 5] = [
    "http://a",
    "http://not-found",
    "http://refused",
    "http://panics",
    "http://b",
];

pub fn check(rows: fn(&[&'static str]) -> Vec<Row>) -> Judgement {
    let of = |urls: &[&'static str]| panic::catch_unwind(|| rows(urls));
    // Without the one whose ping panics.
    if of(&URLS[..3]).is_err() {
        let words =
            "a ping that failed ended all of it with a panic: an `Err` is no row, and no end.";
        return Err(Mistake::new(words));
    }
    let Ok(found) = of(&URLS) else {
        return Err(Mistake::known(timing::known!(e3, unwraps)));
    };
    let story: Vec<_> = found.iter().map(|row| format!("{row:?}")).collect();
    let wrong = |source| {
        let story = story.clone();
        Err(Mistake {
            story,
            ..Mistake::known(source)
        })
    };
    if found.len() < URLS.len() {
        return match &found[..] {
            [Row::Answered(200), Row::Answered(404), Row::Answered(200)] => {
                wrong(timing::known!(e3, left_out))
            }
            [Row::Answered(200), ..] => wrong(timing::known!(e3, stops)),
            _ => Err(Mistake {
                story,
                ..Mistake::new("the first URL has no row.")
            }),
        };
    }
    match &found[..] {
        [
            Row::Answered(200),
            Row::Failed(_),
            Row::Failed(_),
            Row::Failed(_),
            Row::Answered(200),
        ] => wrong(timing::known!(e3, not_found)),
        [
            Row::Answered(200),
            Row::Answered(404),
            Row::Failed(_),
            Row::Failed(_),
            Row::Answered(200),
        ] => Ok("a row for each of five URLs, two of which failed".to_owned()),
        _ => Err(Mistake {
            story,
            ..Mistake::new("the rows are not those of the URLs, in order.")
        }),
    }
}
