//! While the file is written, another task runs, and the file is written when `save` returns.

use std::future::Future;
use std::panic::{self, AssertUnwindSafe};

use timing::practise::{Judgement, Mistake};
use world::{Seen, World};

pub mod world {
    use std::sync::{Condvar, Mutex, PoisonError};
    use std::thread::{self, ThreadId};
    use std::time::Duration;

    #[allow(unused_imports)] // Not in every answer.
    pub use tokio::{spawn, task::block_in_place, task::spawn_blocking};

    /// What was seen while the student's code ran.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum Seen {
        #[default]
        Nothing,
        /// The runtime's own thread was about to write; in a task, or not.
        Blocked {
            in_task: bool,
        },
        Written,
        /// No other task ran while the file was written.
        Alone,
    }

    #[derive(Default)]
    pub struct World {
        state: Mutex<(Seen, Option<ThreadId>, bool)>,
        ticked: Condvar,
    }

    // Not thread-local, as other threads write, too. One test uses it, which is one thread.
    static WORLD: World = World {
        state: Mutex::new((Seen::Nothing, None, false)),
        ticked: Condvar::new(),
    };

    impl World {
        /// Begins anew, on the runtime's thread.
        pub fn begin() {
            let mut state = WORLD.state.lock().unwrap_or_else(PoisonError::into_inner);
            *state = (Seen::Nothing, Some(thread::current().id()), false);
        }

        /// Another task runs.
        pub fn tick() {
            WORLD.state.lock().unwrap_or_else(PoisonError::into_inner).2 = true;
            WORLD.ticked.notify_all();
        }

        pub fn seen() -> Seen {
            WORLD.state.lock().unwrap_or_else(PoisonError::into_inner).0
        }
    }

    /// Writes a page. The disk is done only when another task has run meanwhile.
    pub fn write(_page: &str) {
        let mut state = WORLD.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.1 == Some(thread::current().id()) {
            let in_task = tokio::task::try_id().is_some();
            state.0 = Seen::Blocked { in_task };
            return;
        }
        // Not a limit for a pass: whoever stops the runtime's thread is told so, and does not hang.
        let limit = Duration::from_secs(10);
        let waited = WORLD
            .ticked
            .wait_timeout_while(state, limit, |state| !state.2);
        let (mut state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        state.0 = match timeout.timed_out() {
            true => Seen::Alone,
            false => Seen::Written,
        };
    }
}

pub fn check<F: Future<Output = ()>>(save: fn(&'static str) -> F) -> Judgement {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Mistake::new(format!("no runtime: {error}")))?;
    World::begin();
    let at_return = panic::catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let ticker = tokio::spawn(async { World::tick() });
            save("page").await;
            let seen = World::seen();
            // A write that nobody awaits must not wait for ever.
            let _ = ticker.await;
            seen
        })
    }));
    match at_return {
        Err(_panic) => Err(Mistake::known(timing::known!(e2, in_place))),
        Ok(Seen::Written) => Ok("another task ran while the file was written".to_owned()),
        Ok(Seen::Nothing) => Err(Mistake::known(timing::known!(e2, not_awaited))),
        Ok(Seen::Blocked { in_task: true }) => Err(Mistake::known(timing::known!(e2, spawned))),
        Ok(Seen::Blocked { in_task: false }) => Err(Mistake::new(
            "`write` ran on the thread that all tasks share, and stopped them all.",
        )),
        Ok(Seen::Alone) => Err(Mistake::new(
            "another thread wrote, and the thread that all tasks share stood still and waited for it.",
        )),
    }
}
