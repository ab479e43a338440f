//! Each edge is computed by itself, in numbers that are large enough for the product.

use std::ops::Range;

pub fn parts(size: u64, count: u64) -> Vec<Range<u64>> {
    let edge = |i: u64| (u128::from(size) * u128::from(i) / u128::from(count)) as u64;
    (0..count).map(|i| edge(i)..edge(i + 1)).collect()
}
