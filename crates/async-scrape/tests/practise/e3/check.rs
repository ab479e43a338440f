//! The total is right in every order of the tasks, and in some order two fetch at the same time.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use timing::practise::{Judgement, Mistake};
use world::{Total, story};

pub mod world {
    use std::cell::{Cell, RefCell};
    use std::future::poll_fn;
    use std::task::Poll;

    thread_local! {
        static TASK: Cell<usize> = const { Cell::new(0) };
        static STORY: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    /// The task with this number goes on.
    pub fn begin(task: usize) {
        TASK.set(task);
    }

    /// What has happened since the last call.
    pub fn story() -> Vec<String> {
        STORY.take()
    }

    fn note(what: &str) {
        let line = format!("task {} {what}", TASK.get());
        STORY.with_borrow_mut(|story| story.push(line));
    }

    #[derive(Default)]
    pub struct Total {
        pub bytes: RefCell<u64>,
        lock: tokio::sync::Mutex<()>,
    }

    #[allow(dead_code)] // Not all in every answer.
    impl Total {
        pub fn get(&self) -> u64 {
            let bytes = *self.bytes.borrow();
            note(&format!("reads {bytes}"));
            bytes
        }

        pub fn set(&self, bytes: u64) {
            *self.bytes.borrow_mut() = bytes;
            note(&format!("writes {bytes}"));
        }

        pub async fn alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
            self.lock.lock().await
        }
    }

    /// Returns 1, when the task is polled for the second time.
    pub async fn fetch() -> u64 {
        note("begins to fetch");
        let mut asked = false;
        poll_fn(|context| {
            if asked {
                return Poll::Ready(());
            }
            asked = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        note("has fetched");
        1
    }
}

/// Whether a task has asked to be polled again.
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// How one order of the tasks ended.
struct Ended {
    total: u64,
    /// For each choice: which one was made, of how many.
    choices: Vec<(usize, usize)>,
    finished: bool,
}

pub fn check<'a, F, C>(count: C) -> Judgement
where
    F: Future<Output = ()> + 'a,
    C: Fn(&'a Total) -> F,
{
    let mut orders = 0;
    let mut together = false;
    let mut script: Vec<usize> = Vec::new();
    loop {
        // The future borrows the total for as long as the type of `count` says.
        let total: &'a Total = Box::leak(Box::default());
        story();
        let ended = panic::catch_unwind(AssertUnwindSafe(|| run(&count, total, &script)));
        let told = story();
        let wrong = |mistake: Mistake| {
            let story = told.clone();
            Err(Mistake { story, ..mistake })
        };
        let ended = match ended {
            Ok(ended) => ended,
            Err(panic) => {
                let words = timing::workers::words(&*panic);
                return wrong(
                    match words.contains("already") && words.contains("borrowed") {
                        true => Mistake::known(timing::known!(e3, borrowed)),
                        false => Mistake::new(format!("your code panics: {words}")),
                    },
                );
            }
        };
        if !ended.finished {
            return wrong(Mistake::new(
                "no task can go on: each waits for another one.",
            ));
        }
        if ended.total != 2 {
            return wrong(match told.iter().any(|line| line.contains("writes")) {
                true => Mistake::known(timing::known!(e3, one_thread)),
                false => Mistake::new(format!("the total is {}, and not 2.", ended.total)),
            });
        }
        orders += 1;
        let fetches = |line: &String| line.ends_with("begins to fetch");
        together |= told.windows(2).any(|two| two.iter().all(fetches));
        // The next order, depth first: the last choice that has a further option.
        let Some(last) = ended.choices.iter().rposition(|(made, of)| made + 1 < *of) else {
            break;
        };
        script = ended.choices[..last]
            .iter()
            .map(|(made, _)| *made)
            .collect();
        script.push(ended.choices[last].0 + 1);
    }
    match together {
        true => Ok(format!("in all {orders} orders of the two tasks")),
        false => Err(Mistake::known(timing::known!(e3, one_at_a_time))),
    }
}

/// Runs two tasks. Which of those that can go on is polled next is as in the script, and where that
/// ends it is the first one.
fn run<'a, F: Future<Output = ()>>(
    count: &impl Fn(&'a Total) -> F,
    total: &'a Total,
    script: &[usize],
) -> Ended {
    let (first, second) = (pin!(count(total)), pin!(count(total)));
    let tasks: RefCell<[Option<Pin<&mut F>>; 2]> = RefCell::new([Some(first), Some(second)]);
    let flags = [0, 1].map(|_| Arc::new(Flag(AtomicBool::new(true))));
    let mut choices = Vec::new();
    loop {
        let can_go = |task: &usize| tasks.borrow()[*task].is_some() && flags[*task].0.load(Relaxed);
        let ready: Vec<usize> = (0..2).filter(can_go).collect();
        if ready.is_empty() {
            break;
        }
        let made = script.get(choices.len()).copied().unwrap_or(0);
        choices.push((made, ready.len()));
        let task = ready[made];
        flags[task].0.store(false, Relaxed);
        world::begin(task + 1);
        let waker = Waker::from(Arc::clone(&flags[task]));
        let future = &mut tasks.borrow_mut()[task];
        let poll = future
            .as_mut()
            .map(|future| future.as_mut().poll(&mut Context::from_waker(&waker)));
        if let Some(Poll::Ready(())) = poll {
            *future = None;
        }
    }
    let finished = tasks.borrow().iter().all(Option::is_none);
    let total = total.bytes.try_borrow().map_or(0, |bytes| *bytes);
    Ended {
        total,
        choices,
        finished,
    }
}
