//! misconception: the result fits into a `u64`, and the product on the way to it does not. For a
//! large size, compute in `u128`, or divide before you multiply.

use std::ops::Range;

pub fn parts(size: u64, count: u64) -> Vec<Range<u64>> {
    let edge = |i: u64| size * i / count;
    (0..count).map(|i| edge(i)..edge(i + 1)).collect()
}
