//! Both counts take ten ticks together. The time is tokio's own, which passes only when all tasks
//! wait.

use std::future::Future;

use timing::practise::{Judgement, Mistake};
use world::{Count, lines};

pub mod world {
    use std::cell::{Cell, RefCell};
    use std::future::Future;
    use std::time::Duration;

    pub use tokio::spawn;
    use tokio::time::Instant;

    pub const TICK: Duration = Duration::from_millis(1);

    thread_local! {
        static BEGIN: Cell<Option<Instant>> = const { Cell::new(None) };
        static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
        static BLOCKED: Cell<bool> = const { Cell::new(false) };
        static MADE: Cell<usize> = const { Cell::new(0) };
    }

    pub struct Count {
        pub name: &'static str,
        pub ticks: u32,
    }

    pub fn sleep(ticks: u32) -> impl Future<Output = ()> {
        MADE.set(MADE.get() + 1);
        tokio::time::sleep(ticks * TICK)
    }

    /// Whether the thread was blocked, and how many sleeps were made, since the last call.
    pub fn sleeps() -> (bool, usize) {
        (BLOCKED.take(), MADE.take())
    }

    #[allow(dead_code)] // Only by some who are wrong.
    pub fn blocking_sleep(ticks: u32) {
        BLOCKED.set(true);
        std::thread::sleep(ticks * TICK);
    }

    pub fn say(name: &str, number: u32) {
        LINES.with_borrow_mut(|lines| lines.push(line(ticks(), name, number)));
    }

    pub fn line(ticks: u128, name: &str, number: u32) -> String {
        format!("tick {ticks:>2}: {name} says {number}")
    }

    pub fn begin() {
        BEGIN.set(Some(Instant::now()));
    }

    /// The ticks since the begin.
    pub fn ticks() -> u128 {
        BEGIN.get().map_or(0, |begin| begin.elapsed().as_millis())
    }

    /// All lines since the last call.
    pub fn lines() -> Vec<String> {
        LINES.take()
    }
}

pub fn check<F: Future<Output = ()>>(all: fn(Vec<Count>) -> F) -> Judgement {
    let scope = judge(all, [("Alice", 1), ("Bob", 2)])?;
    // Whoever awaits only the last task has awaited both above, as Bob's ends last.
    judge(all, [("Bob", 2), ("Alice", 1)])?;
    Ok(scope)
}

fn judge<F: Future<Output = ()>>(
    all: fn(Vec<Count>) -> F,
    counts: [(&'static str, u32); 2],
) -> Judgement {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.map_err(|error| Mistake::new(format!("no runtime: {error}")))?;
    lines();
    world::sleeps();
    let (ticks, story, (blocked, sleeps), later) = runtime.block_on(async {
        world::begin();
        all(counts.map(|(name, ticks)| Count { name, ticks }).into()).await;
        let ticks = world::ticks();
        let story = lines();
        let sleeps = world::sleeps();
        // What goes on after the function has returned shows in this time.
        world::sleep(100).await;
        (ticks, story, sleeps, lines())
    });
    let wrong = |mistake: Mistake| {
        Err(Mistake {
            story: story.clone(),
            ..mistake
        })
    };
    let pace = |name, pace| (1..=5).map(move |n| world::line(u128::from(n * pace), name, 6 - n));
    let mut right: Vec<_> = pace("Alice", 1).chain(pace("Bob", 2)).collect();
    let mut found = story.clone();
    // Of two lines in the same tick, either may come first.
    right.sort();
    found.sort();
    match (story.len(), ticks) {
        (10, 10) if found != right => wrong(Mistake::new("a line comes in another tick.")),
        (10, 10) => Ok("10 lines in 10 ticks".to_owned()),
        (10, 15) => wrong(Mistake::known(timing::known!(e3, one_by_one))),
        (10, 0) if blocked => wrong(Mistake::known(timing::known!(e3, blocking))),
        (10, 0) if sleeps > 0 => wrong(Mistake::known(timing::known!(e3, not_awaited))),
        (_, _) if !later.is_empty() => wrong(Mistake::known(timing::known!(e3, not_joined))),
        (0, 0) => wrong(Mistake::known(timing::known!(e3, not_spawned))),
        (lines, ticks) => wrong(Mistake::new(format!("{lines} lines in {ticks} ticks."))),
    }
}
