//! Cut the numbers below `size` into `count` parts.
//!
//! The parts are ranges, in order. Each number is in exactly one of them, and the lengths of two
//! parts differ by at most one: the longest part decides how long all of it takes. It must work for
//! every size that a `u64` can hold.

use std::ops::Range;

pub fn parts(size: u64, count: u64) -> Vec<Range<u64>> {
    let length = size / count;
    (0..count).map(|i| i * length..(i + 1) * length).collect()
}
