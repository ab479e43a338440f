//! One bad photo must not stop the others, not even one that hits a bug.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Result, bail};

/// Turns a panic into an error: decoders are fed with whatever lies on the disk, and one bad
/// photo must not stop the others.
///
/// # Errors
/// If `work` fails or panics.
pub fn shielded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        bail!("a bug in a codec or filter: {}", text.unwrap_or("panic"))
    })
}
