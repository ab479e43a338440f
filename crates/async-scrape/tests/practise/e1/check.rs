//! Each page is fetched once, and there are as many in flight as there are slots. The time is
//! tokio's own, which passes only when all tasks wait.

use std::future::Future;

use timing::practise::{Judgement, Mistake};
use world::{PAGES, Seen, seen};

pub mod world {
    use std::cell::RefCell;
    use std::time::Duration;

    #[allow(unused_imports)] // Not in every answer.
    pub use tokio::task::JoinSet;

    pub const PAGES: u32 = 14;

    /// What was seen while the student's code ran.
    #[derive(Debug, Default)]
    pub struct Seen {
        pub fetched: Vec<u32>,
        pub now: usize,
        pub peak: usize,
    }

    thread_local! {
        static SEEN: RefCell<Seen> = RefCell::new(Seen::default());
    }

    /// What was seen since the last call.
    pub fn seen() -> Seen {
        SEEN.take()
    }

    /// Page 0 links to the pages 1 to 5, and page n to itself, to n + 3 and to n + 4. The last
    /// three pages are a chain.
    pub async fn fetch(page: u32) -> Vec<u32> {
        SEEN.with_borrow_mut(|seen| {
            seen.fetched.push(page);
            seen.now += 1;
            seen.peak = seen.peak.max(seen.now);
        });
        tokio::time::sleep(Duration::from_millis(1)).await;
        SEEN.with_borrow_mut(|seen| seen.now -= 1);
        let links = match page {
            0 => (1..=5).collect(),
            11.. => vec![page + 1],
            n => vec![n, (n + 3).min(11), (n + 4).min(11)],
        };
        links.into_iter().filter(|link| *link < PAGES).collect()
    }
}

const SLOTS: usize = 3;

pub fn check<F: Future<Output = ()>>(crawl: fn(u32, usize) -> F) -> Judgement {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.map_err(|error| Mistake::new(format!("no runtime: {error}")))?;
    seen();
    let done = runtime.block_on(async {
        // In the runtime's own time: it is over when all wait for something that never comes.
        tokio::time::timeout(std::time::Duration::from_secs(1_000), crawl(0, SLOTS)).await
    });
    let Seen { fetched, now, peak } = seen();
    let story = vec![
        format!("the pages were fetched in this order: {fetched:?}"),
        format!("at most {peak} at a time, with {SLOTS} slots"),
    ];
    let mut once = fetched.clone();
    once.sort_unstable();
    once.dedup();
    let wrong = |mistake: Mistake| Err(Mistake { story, ..mistake });
    if done.is_err() && once.len() < fetched.len() {
        let story = vec!["the same pages are fetched again and again".to_owned()];
        let twice = Mistake::known(timing::known!(e1, twice));
        Err(Mistake { story, ..twice })
    } else if done.is_err() {
        wrong(Mistake::new(
            "it does not end: it waits for a page that nobody fetches.",
        ))
    } else if now > 0 || once.len() < PAGES as usize && once.ends_with(&[10, 11]) {
        // Only the end of the chain is missing: at its pages nothing else is queued.
        wrong(Mistake::known(timing::known!(e1, too_soon)))
    } else if once.len() < PAGES as usize {
        let missing: Vec<_> = (0..PAGES).filter(|page| !once.contains(page)).collect();
        wrong(Mistake::new(format!(
            "the pages {missing:?} were never fetched: follow all links of each page."
        )))
    } else if once.len() < fetched.len() {
        wrong(Mistake::known(timing::known!(e1, twice)))
    } else if peak == 1 {
        wrong(Mistake::known(timing::known!(e1, one_by_one)))
    } else if peak > SLOTS {
        wrong(Mistake::known(timing::known!(e1, no_slots)))
    } else if peak < SLOTS {
        wrong(Mistake::new("a slot was never used."))
    } else {
        Ok(format!("{PAGES} pages, each once, {peak} at a time"))
    }
}
