//! The time zero of a timeline, on a clock that several processes share.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A timeline's time zero, in a form that another process can use.
///
/// It is read from the system's clock, as UNIX time: an [`Instant`] has no meaning in another
/// process. So a child's spans are as exact as that clock (microseconds). If the clock is set
/// between the start of the parent's timeline and that of the child's, the child's rows are off by
/// as much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    zero_ns: u64,
}

impl Clock {
    /// Returns time zero in nanoseconds since the start of 1970: for a child that is no Rust
    /// program.
    pub fn unix_nanos(self) -> u64 {
        self.zero_ns
    }

    /// The present time, as a time zero.
    pub(crate) fn now() -> Self {
        Self {
            zero_ns: nanos(unix_time()),
        }
    }

    /// Returns time zero on this process's monotonic clock.
    pub(crate) fn zero(self) -> Instant {
        let since_zero = unix_time().saturating_sub(Duration::from_nanos(self.zero_ns));
        let now = Instant::now();
        // Only a clock that was set back, or a machine that started later, has no such instant.
        now.checked_sub(since_zero).unwrap_or(now)
    }
}

/// Returns the time of the system's clock; zero if it is set to a time before 1970.
fn unix_time() -> Duration {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.unwrap_or_default()
}

/// Returns the duration in nanoseconds; it saturates after 584 years.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
