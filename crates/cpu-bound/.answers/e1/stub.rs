//! Cut the numbers below `size` into `count` parts.
//!
//! The parts are ranges, in order. Each number must be in exactly one of them. The lengths of any
//! two parts may differ by at most one, because the longest part decides how long the whole work
//! takes. It must work for every size that a `u64` can hold.

use std::ops::Range;

pub fn parts(size: u64, count: u64) -> Vec<Range<u64>> {
    let length = size / count;
    (0..count).map(|i| i * length..(i + 1) * length).collect()
}
