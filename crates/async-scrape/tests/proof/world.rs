//! What the frontier finds in the place of tokio's time and notifications.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::ops::Add;
use std::task::Poll;
use std::time::Duration;

use shuttle::thread;
use timing::proof::{Story, moment};

thread_local! {
    /// The time, which stands still until a timer is up. All threads of a schedule run on one
    /// thread of the system.
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static LATE: Cell<bool> = const { Cell::new(false) };
    static STORY: RefCell<Story> = RefCell::new(Story::default());
    /// The tasks of the workers, in the order in which they began.
    static WORKERS: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Begins a schedule, at time zero.
pub fn begin(story: &Story) {
    NOW.set(Duration::ZERO);
    STORY.replace(story.clone());
    WORKERS.take();
}

/// Writes down what the current worker does.
pub fn tell(what: impl AsRef<str>) {
    let me = shuttle::current::get_current_task().map(usize::from);
    let me = me.expect("a thread of a schedule tells it");
    let number = WORKERS.with_borrow_mut(|workers| {
        let known = workers.iter().position(|worker| *worker == me);
        known.unwrap_or_else(|| {
            workers.push(me);
            workers.len() - 1
        })
    });
    let what = what.as_ref();
    STORY.with_borrow(|story| story.tell(format!("worker {number} {what}")));
}

/// In the place of a runtime.
pub mod blocking {
    pub struct Blocking;

    impl Blocking {
        pub fn start() -> anyhow::Result<Self> {
            Ok(Self)
        }

        pub fn wait<F: Future>(&self, future: F) -> F::Output {
            shuttle::future::block_on(future)
        }
    }
}

/// In the place of the lesson's.
pub mod disk {
    pub enum Disk {
        ThisThread,
    }
}

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(Duration);

impl Instant {
    /// The present.
    pub fn now() -> Self {
        Self(NOW.get())
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        Self(self.0 + time)
    }
}

/// Waits until then. That is at any moment: at once, or after all that other threads do.
pub fn sleep_until(at: Instant) -> impl Future<Output = ()> {
    let mut is_set = false;
    poll_fn(move |context| {
        if Instant::now() >= at {
            return Poll::Ready(());
        }
        if !std::mem::replace(&mut is_set, true) {
            let waker = context.waker().clone();
            thread::spawn(move || {
                moment();
                NOW.set(NOW.get().max(at.0));
                waker.wake();
            });
        }
        Poll::Pending
    })
}

/// Runs a claim's body with notifications that are missed by whoever does not wait yet.
pub fn registering_late<T>(body: impl FnOnce() -> T) -> T {
    /// A body that panics must not leave the next claim with it.
    struct Restore;
    impl Drop for Restore {
        fn drop(&mut self) {
            LATE.set(false);
        }
    }
    LATE.set(true);
    let _restore = Restore;
    body()
}

/// tokio's own, each of whose operations is a step of the schedule. What is inside of it is not
/// proven.
#[derive(Debug)]
pub struct Notify {
    real: tokio::sync::Notify,
    late: bool,
}

impl Notify {
    pub fn new() -> Self {
        Self {
            real: tokio::sync::Notify::new(),
            late: LATE.get(),
        }
    }

    /// A future that ends with the first notification after this call.
    pub fn notified(&self) -> impl Future<Output = ()> {
        moment();
        tell("looks for a page");
        let registered = (!self.late).then(|| self.real.notified());
        async move {
            moment();
            tell("waits for a change");
            match registered {
                Some(registered) => registered.await,
                None => self.real.notified().await,
            }
        }
    }

    pub fn notify_waiters(&self) {
        moment();
        tell("says that something has changed");
        self.real.notify_waiters();
    }
}
