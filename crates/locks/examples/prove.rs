//! Runs the lesson's own files under a checker, in every order in which their threads can take
//! turns, and tells the story of a schedule that fails. Where all schedules are run, it is the
//! shortest story. (A line on stderr about a backtrace is the checker's own.)
//!
//!     cargo run -p locks --example prove

use std::process::ExitCode;

use anyhow::Result;
pub use locks::{Counted, Job, Tell};
use timing::cli;
use timing::proof::{self, Claim, Story};

// The files of the lesson are compiled once more below, and find the checker's `crate::sync`.
/// The checker's locks, atomics, channels and threads, where the lesson has real ones.
// ANCHOR: world
pub mod sync {
    pub use shuttle::{sync::*, thread};
    pub use timing::proof::Condvar;
    /// A channel with room for so many messages.
    pub mod channel {
        pub use shuttle::sync::mpsc::{SyncSender as Sender, sync_channel as bounded};
    }
}
// ANCHOR_END: world
macro_rules! mount {
    ($($name:ident $path:literal)*) => {
        $(#[allow(dead_code, unreachable_pub, missing_docs)] #[path = $path] pub mod $name;)*
    };
}
mount! {
    atomic "../src/atomic.rs"
    buffer "../src/buffer.rs"
    cas "../src/cas.rs"
    channel "../src/channel.rs"
    local "../src/local.rs"
    lock_order "../src/lock_order.rs"
    mutex "../src/mutex.rs"
    observer "../src/observer.rs"
    race "../src/race.rs"
    rwlock "../src/rwlock.rs"
    sharded "../src/sharded.rs"
    signal "../src/signal.rs"
    two_locks "../src/two_locks.rs"
    watched "../src/watched.rs"
    workers "../src/workers.rs"
    wrong_signal "../tests/wrong/signal.rs"
    wrong_unlocked "../tests/wrong/unlocked.rs"
}

#[path = "../tests/claims/blocking.rs"]
pub mod blocking;
#[path = "../tests/claims/counting.rs"]
pub mod counting;

fn main() -> ExitCode {
    cli::exit_code(run())
}

fn run() -> Result<bool> {
    proof::report(claims())
}

/// Returns all claims of this lesson.
pub fn claims() -> Vec<Claim> {
    [
        counting::counters(),
        counting::unobserved(),
        blocking::tasks(),
        blocking::waiting(),
    ]
    .concat()
}

/// Returns a listener that writes down the story.
fn tell(story: &Story) -> Tell {
    let story = story.clone();
    std::sync::Arc::new(move |line: String| story.tell(line))
}
