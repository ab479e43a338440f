//! Turns panics into errors: a bad photo must not stop the others, not even if it hits a bug.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Result, bail};
use timing::workers;

/// Runs `work`, and turns a panic into an error. Decoders are fed with any bytes from the disk, and
/// a bad photo must not stop the others.
///
/// # Errors
/// If `work` fails or panics.
pub fn shielded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| bail!("a bug in a codec or filter: {}", workers::words(&*panic)))
}
