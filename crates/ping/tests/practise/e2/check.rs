//! As many pings as the limit says at any time, and no more, and no more tasks than that. The time
//! is tokio's own, which passes only when all tasks wait.

use std::future::Future;

use timing::practise::{Judgement, Mistake};
use world::{Seen, seen};

pub mod world {
    use std::cell::Cell;
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::runtime::Handle;
    use tokio::sync::OwnedSemaphorePermit;
    #[allow(unused_imports)] // Not in every answer.
    pub use tokio::{spawn, task::JoinSet};

    /// What was seen while the student's code ran.
    #[derive(Debug, Default, Clone, Copy)]
    pub struct Seen {
        pub pings: usize,
        pub now: usize,
        pub peak: usize,
        pub tasks: usize,
        pub permits: usize,
    }

    thread_local! {
        static SEEN: Cell<Seen> = Cell::new(Seen::default());
    }

    /// What was seen since the last call.
    pub fn seen() -> Seen {
        SEEN.take()
    }

    fn note(change: impl FnOnce(&mut Seen)) {
        let mut seen = SEEN.get();
        change(&mut seen);
        SEEN.set(seen);
    }

    /// The first answer comes long after the others: whoever awaits the last task has not awaited
    /// all.
    pub async fn ping(url: u32) {
        let tasks = Handle::current().metrics().num_alive_tasks();
        note(|seen| {
            seen.pings += 1;
            seen.now += 1;
            seen.peak = seen.peak.max(seen.now);
            seen.tasks = seen.tasks.max(tasks);
        });
        let time = if url == 0 { 50 } else { 1 };
        tokio::time::sleep(Duration::from_millis(time)).await;
        note(|seen| seen.now -= 1);
    }

    #[derive(Clone)]
    #[allow(dead_code)] // Not in every answer.
    pub struct Semaphore(Arc<tokio::sync::Semaphore>);

    #[allow(dead_code)]
    impl Semaphore {
        pub fn new(permits: usize) -> Self {
            Self(Arc::new(tokio::sync::Semaphore::new(permits)))
        }

        pub async fn acquire(&self) -> Permit {
            let permit = Arc::clone(&self.0).acquire_owned().await.unwrap();
            note(|seen| seen.permits += 1);
            Permit(permit)
        }
    }

    #[allow(dead_code)] // It is there to be dropped.
    pub struct Permit(OwnedSemaphorePermit);
}

const URLS: u32 = 20;
const LIMIT: usize = 4;

pub fn check<F: Future<Output = ()>>(all: fn(Vec<u32>, usize) -> F) -> Judgement {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.map_err(|error| Mistake::new(format!("no runtime: {error}")))?;
    seen();
    let done = runtime.block_on(async {
        let all = all((0..URLS).collect(), LIMIT);
        // In the runtime's own time: it is over when all wait for something that never comes.
        tokio::time::timeout(std::time::Duration::from_secs(1_000), all).await
    });
    let Seen {
        pings,
        now,
        peak,
        tasks,
        permits,
    } = seen();
    let story = vec![
        format!("{pings} of {URLS} URLs were pinged, {now} of which got no answer"),
        format!("at most {peak} at a time, where the limit is {LIMIT}"),
        format!("in at most {tasks} tasks at a time"),
    ];
    let wrong = |mistake: Mistake| Err(Mistake { story, ..mistake });
    if done.is_err() {
        wrong(Mistake::new(
            "it does not end: all tasks wait for a permit that nobody gives back.",
        ))
    } else if now > 0 {
        wrong(Mistake::new(
            "`all` returned before all answers were there.",
        ))
    } else if pings == 0 {
        wrong(Mistake::new(
            "nothing was pinged when `all` returned. A future that nobody awaits does nothing, and a \
             task that nobody awaits may not even have begun.",
        ))
    } else if pings != URLS as usize {
        wrong(Mistake::new(format!(
            "{pings} of {URLS} URLs were pinged when `all` returned."
        )))
    } else if peak == 1 {
        wrong(Mistake::known(timing::known!(e2, one_by_one)))
    } else if peak > LIMIT {
        wrong(Mistake::known(match permits {
            0 => timing::known!(e2, no_limit),
            _ => timing::known!(e2, unnamed),
        }))
    } else if tasks > LIMIT {
        wrong(Mistake::known(timing::known!(e2, inside)))
    } else if peak < LIMIT {
        wrong(Mistake::new("fewer pings at a time than the limit allows."))
    } else {
        Ok(format!(
            "{URLS} pings, {peak} at a time, in {tasks} tasks at a time"
        ))
    }
}
