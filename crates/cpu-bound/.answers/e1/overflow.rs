//! misconception: the result fits into a `u64`, and a product on the way to it does not. Where the
//! size may be large, divide first or compute in `u128`.

use std::ops::Range;

pub fn parts(size: u64, count: u64) -> Vec<Range<u64>> {
    let edge = |i: u64| size * i / count;
    (0..count).map(|i| edge(i)..edge(i + 1)).collect()
}
