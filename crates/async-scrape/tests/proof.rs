//! The frontier, in every schedule that a claim allows: each page is handed out once, all workers
//! end when all pages are done, and no change is missed by a worker that begins to wait.
//!
//! The files are `src/threads.rs`, `src/crawl/frontier.rs` and those below it. Their locks, threads
//! and time are the checker's, each operation on tokio's `Notify` is a step
//! (`tests/proof/world.rs`), and a download is a step that is written down. `tasks` is not run: its
//! tasks are on one thread and change places only at their await points, so it has fewer orders.

use std::collections::HashMap;
use std::sync::Mutex;

use timing::proof::scoped::refusing;
use timing::proof::{self, Bound, Claim, Story, Verdict, moment};
use timing::{Lane, Timeline};

#[path = "proof/visits.rs"]
mod visits;
#[path = "proof/world.rs"]
mod world;

/// The checker's locks, threads and time.
mod sync {
    pub use crate::world::{Instant, Notify, sleep_until};
    pub use shuttle::sync::{Mutex, MutexGuard, PoisonError};
    pub use timing::proof::scoped as thread;
}

/// The folder of the frontier, and what it needs of the rest.
#[allow(dead_code, unreachable_pub, unused_imports)]
#[path = "../src/crawl"]
mod crawl {
    pub use async_scrape::crawl::address;
    pub mod frontier;
}

#[allow(unreachable_pub)]
#[path = "../src/threads.rs"]
mod threads;

// `threads` looks for these at the root of its crate.
use world::{blocking, disk};

use crawl::address::Servers;
use crawl::frontier::{Frontier, Limits, Page};
use visits::*;

/// What a worker does with a page that is handed out for the first time, or the second, and so on.
/// Returns what it is called in the story.
type Visit = fn(&Frontier, &Page, usize) -> &'static str;

/// A crawl: its seeds are the pages `seeds`, of `server/0`, `server/1` and so on.
#[derive(Clone, Copy)]
struct Crawl {
    workers: usize,
    seeds: &'static [&'static str],
    limits: fn() -> Limits,
    visit: Visit,
    /// How often each page must be handed out.
    expected: &'static [(&'static str, usize)],
    /// The most pages that may be in flight at the same time.
    most: usize,
    loses: Loses,
}

/// Which worker is lost.
#[derive(Clone, Copy)]
enum Loses {
    Nothing,
    /// One panics.
    Worker,
    /// One can't be started, after so many others.
    Refused(usize),
}

fn limits() -> Limits {
    Limits {
        robots_first: false,
        ..Limits::default()
    }
}

const THREE: Crawl = Crawl {
    workers: 2,
    seeds: &["a/0"],
    limits,
    visit: three_pages,
    expected: &[("a/0", 1), ("a/1", 1), ("a/2", 1)],
    most: 2,
    loses: Loses::Nothing,
};

/// In the place of the lesson's.
pub struct Job {
    crawl: Downloads,
    concurrency: usize,
}

struct Downloads {
    frontier: Frontier,
    visit: Visit,
    /// Only noted, no step of the schedule.
    seen: Mutex<Seen>,
}

/// What is known of the pages of one schedule.
#[derive(Default)]
struct Seen {
    taken: HashMap<String, usize>,
    in_flight: usize,
    most: usize,
}

impl Downloads {
    async fn download(&self, page: Page, _: &mut Lane, _: disk::Disk) {
        let page_name = name(&page);
        world::tell(format!("takes {page_name}"));
        let times = self.seen.lock().unwrap().begins(&page_name);
        moment();
        self.seen.lock().unwrap().in_flight -= 1;
        let what = (self.visit)(&self.frontier, &page, times);
        world::tell(format!("brings {page_name} back: {what}"));
    }
}

impl Seen {
    /// Returns how often the page was handed out so far.
    fn begins(&mut self, name: &str) -> usize {
        self.in_flight += 1;
        self.most = self.most.max(self.in_flight);
        let times = self.taken.entry(name.to_owned()).or_default();
        *times += 1;
        *times
    }
}

impl Crawl {
    fn run(self, story: &Story) -> Verdict {
        world::begin(story);
        let seeds = self.seeds.iter().map(|path| url(path));
        let job = Job {
            crawl: Downloads {
                frontier: Frontier::new((self.limits)(), seeds),
                visit: self.visit,
                seen: Mutex::default(),
            },
            concurrency: self.workers,
        };
        let run = || threads::run(&job, &Timeline::off());
        let result = match self.loses {
            Loses::Refused(after) => refusing(after, run),
            Loses::Nothing | Loses::Worker => run(),
        };
        let seen = job.crawl.seen.lock().unwrap();
        match (result, self.loses) {
            (Err(error), Loses::Nothing) => return Err(format!("{error:#}")),
            (Ok(()), Loses::Worker | Loses::Refused(_)) => {
                return Err("nobody hears of it".to_owned());
            }
            // What was not handed out by then is lost, too.
            (Err(_), _) => return Ok(()),
            (Ok(()), Loses::Nothing) => {}
        }
        let expected = self.expected.iter();
        let expected = expected.map(|(name, times)| ((*name).to_owned(), *times));
        if seen.taken != expected.collect() {
            return Err(format!("handed out: {:?}", seen.taken));
        }
        match seen.most > self.most {
            true => Err(format!("{} pages in flight", seen.most)),
            false => Ok(()),
        }
    }

    fn holds(self, text: &str, bound: Bound, schedules: usize) -> Claim {
        Claim::holds(text, bound, schedules, move |story| self.run(story))
    }
}

fn claims() -> Vec<Claim> {
    let [none, one, two] = [0, 1, 2].map(Bound::preemptions);
    vec![
        THREE.holds("2 workers take each of 3 pages once, and end", two, 1_175),
        Crawl {
            workers: 3,
            most: 3,
            ..THREE
        }
        .holds("3 workers take each of 3 pages once, and end", one, 1_113),
        Crawl {
            limits: || Limits {
                per_server: 1,
                ..limits()
            },
            most: 1,
            ..THREE
        }
        .holds(
            "with a limit of 1 for each server, never 2 pages are in flight",
            two,
            1_175,
        ),
        Crawl {
            limits: || Limits {
                pages: 2,
                ..limits()
            },
            expected: &[("a/0", 1), ("a/1", 1)],
            ..THREE
        }
        .holds(
            "with a limit of 2 pages, the third is not requested",
            two,
            676,
        ),
        Crawl {
            limits: || Limits {
                pages: 2,
                ..limits()
            },
            visit: forbidden,
            ..THREE
        }
        .holds("a page that is not requested does not count", two, 1_440),
        Crawl {
            limits: || Limits {
                pages: 1,
                counted: Servers::Only(vec!["a".to_owned()]),
                ..limits()
            },
            visit: abroad,
            expected: &[("a/0", 1), ("b/1", 1), ("b/2", 1)],
            ..THREE
        }
        .holds(
            "pages of servers that are only checked do not count",
            two,
            1_175,
        ),
        Crawl {
            seeds: &["a/0", "b/0"],
            visit: busy,
            expected: &[("a/0", 2), ("b/0", 2)],
            ..THREE
        }
        .holds(
            "pages that are put back are handed out once more",
            one,
            3_679,
        ),
        Crawl {
            limits: || Limits {
                robots_first: true,
                ..limits()
            },
            visit: robots,
            ..THREE
        }
        .holds(
            "pages behind a crawl delay are handed out, each once",
            none,
            868,
        ),
        Crawl {
            visit: circle,
            expected: &[("a/0", 2), ("a/1", 1)],
            ..THREE
        }
        .holds(
            "a page that waits for its cookie is requested once more",
            two,
            1_175,
        ),
        Crawl {
            visit: full,
            expected: &[("a/0", 1)],
            ..THREE
        }
        .holds(
            "after a stop no page is handed out, and all workers end",
            two,
            433,
        ),
        Crawl {
            seeds: &["a/0", "a/1"],
            visit: deadly,
            loses: Loses::Worker,
            ..THREE
        }
        .holds(
            "if a worker panics, the others do not wait for its page",
            two,
            210,
        ),
        Crawl {
            loses: Loses::Refused(1),
            ..THREE
        }
        .holds("if a worker can't be started, the others end", two, 35),
        late(),
    ]
}

/// If a worker registered for a change only when it begins to wait, it would miss one.
fn late() -> Claim {
    let crawl = Crawl {
        visit: no_links,
        expected: &[("a/0", 1)],
        ..THREE
    };
    Claim::fails(
        "workers that look first, and then register for a change, all end",
        "deadlock",
        Bound::preemptions(2),
        312,
        move |story| world::registering_late(|| crawl.run(story)),
    )
}

#[test]
fn every_claim_holds_or_is_refuted_as_it_must_be() {
    let refused = proof::refused(claims());
    assert!(refused.is_empty(), "{refused:#?}");
}

/// The README's table is that of the claims, and its story is the shortest.
#[test]
fn the_readme_says_what_is_claimed() {
    let table = proof::table(claims());
    let readme = include_str!("../README.md").replace("\r\n", "\n");
    assert!(readme.contains(&table), "\n{table}");
    let failure = late().explore().shortest.unwrap();
    let story = proof::numbered(&failure.story);
    assert!(readme.contains(&story), "\n{story}");
}
