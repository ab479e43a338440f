//! Both counts take ten ticks together. The time is tokio's own, which passes only when all tasks
//! wait.

use std::future::Future;

use timing::practise::{Judgement, Mistake};
use world::{Count, lines};

pub mod world {
    use std::cell::RefCell;
    use std::time::Duration;

    pub use tokio::spawn;
    pub use tokio::time::Instant;

    pub const TICK: Duration = Duration::from_millis(1);

    thread_local! {
        static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    pub struct Count {
        pub name: &'static str,
        pub ticks: u32,
    }

    pub async fn sleep(ticks: u32) {
        tokio::time::sleep(ticks * TICK).await;
    }

    #[allow(dead_code)] // Only by some who are wrong.
    pub fn blocking_sleep(ticks: u32) {
        std::thread::sleep(ticks * TICK);
    }

    pub fn say(name: &str, number: u32) {
        LINES.with_borrow_mut(|lines| lines.push(format!("{name} says {number}")));
    }

    /// All lines since the last call.
    pub fn lines() -> Vec<String> {
        LINES.take()
    }
}

pub fn check<F: Future<Output = ()>>(all: fn(Vec<Count>) -> F) -> Judgement {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.map_err(|error| Mistake::new(format!("no runtime: {error}")))?;
    lines();
    let (ticks, story, later) = runtime.block_on(async {
        let begin = world::Instant::now();
        let counts = [("Alice", 1), ("Bob", 2)];
        all(counts.map(|(name, ticks)| Count { name, ticks }).into()).await;
        let ticks = begin.elapsed().as_millis();
        let story = lines();
        // What goes on after the function has returned shows in this time.
        world::sleep(100).await;
        (ticks, story, lines())
    });
    let wrong = |mistake: Mistake| {
        Err(Mistake {
            story: story.clone(),
            ..mistake
        })
    };
    match (story.len(), ticks) {
        (10, 10) => Ok("10 lines in 10 ticks".to_owned()),
        (10, 15) => wrong(Mistake::known(timing::known!(e3, one_by_one))),
        (10, 0) => wrong(Mistake::known(timing::known!(e3, blocking))),
        (_, _) if !later.is_empty() => wrong(Mistake::known(timing::known!(e3, not_joined))),
        (0, _) => wrong(Mistake::known(timing::known!(e3, not_spawned))),
        (lines, ticks) => wrong(Mistake::new(format!("{lines} lines in {ticks} ticks."))),
    }
}
