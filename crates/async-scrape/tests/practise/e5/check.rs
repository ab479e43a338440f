//! Two tasks run at the same time, and each moves to another thread after each number of polls.

use std::task::{Context, Poll, Waker};
use std::thread;

use timing::practise::{Judgement, Mistake};
use world::Task;

pub mod world {
    use std::future::{Future, poll_fn};
    use std::pin::Pin;
    use std::task::Poll;

    /// A task that the check polls, now in this thread and now in that one.
    pub type Task = Pin<Box<dyn Future<Output = u64> + Send>>;

    pub fn spawn(future: impl Future<Output = u64> + Send + 'static) -> Task {
        Box::pin(future)
    }

    /// As many bytes as the page's number says, at the second poll.
    pub async fn fetch(page: u64) -> u64 {
        let mut polled = false;
        poll_fn(|_| match std::mem::replace(&mut polled, true) {
            true => Poll::Ready(page),
            false => Poll::Pending,
        })
        .await
    }
}

const PAGES: [u64; 3] = [1, 10, 100];
const SUM: u64 = 111;

pub fn check(start: fn(Vec<u64>) -> Task) -> Judgement {
    // One task alone, which moves once.
    for after in 0..=PAGES.len() + 1 {
        let task = start(PAGES.into());
        let (task, early) = elsewhere(move || polled(task, after));
        let late = task.and_then(|task| elsewhere(move || polled(task, usize::MAX)).1);
        let sum = early.or(late);
        if sum != Some(SUM) && after == 0 {
            return Err(Mistake::new(format!(
                "the sum of {PAGES:?} is {sum:?}, and not {SUM}, in a task that does not move."
            )));
        }
        if sum != Some(SUM) {
            return Err(Mistake {
                story: vec![
                    format!(
                        "a task fetches {PAGES:?}, and after {after} polls another thread takes it up"
                    ),
                    format!("its sum is {sum:?}, and not {SUM}"),
                ],
                ..Mistake::known(timing::known!(e5, on_the_thread))
            });
        }
    }
    // Two at the same time, in turns in one thread.
    let tasks = [start(PAGES.into()), start(PAGES.into())];
    let sums = elsewhere(move || in_turns(tasks));
    match sums {
        [Some(SUM), Some(SUM)] => Ok(format!(
            "each task may move after each of {} polls",
            PAGES.len() + 1
        )),
        sums => Err(Mistake {
            story: vec![format!(
                "two tasks that run in turns have the sums {sums:?}, and not {SUM}"
            )],
            ..Mistake::known(timing::known!(e5, for_all))
        }),
    }
}

/// Runs a function in a thread of its own.
fn elsewhere<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(run)
        .join()
        .expect("an exercise does not panic")
}

/// Polls a task so many times at most. Returns it, or its result.
fn polled(mut task: Task, most: usize) -> (Option<Task>, Option<u64>) {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..most.min(100) {
        if let Poll::Ready(sum) = task.as_mut().poll(&mut context) {
            return (None, Some(sum));
        }
    }
    (Some(task), None)
}

fn in_turns(tasks: [Task; 2]) -> [Option<u64>; 2] {
    let mut tasks = tasks.map(Some);
    let mut sums = [None; 2];
    for _ in 0..100 {
        for (task, sum) in tasks.iter_mut().zip(&mut sums) {
            if let Some(running) = task.take() {
                let (rest, ended) = polled(running, 1);
                (*task, *sum) = (rest, ended);
            }
        }
    }
    sums
}
