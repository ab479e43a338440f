//! misconception: a range `a..b` does not include `b`, so the end of a part is the beginning of the
//! next one. With one number more in each part, the numbers at the edges are in two parts.

use std::ops::Range;

pub fn parts(size: u64, count: u64) -> Vec<Range<u64>> {
    let edge = |i: u64| (u128::from(size) * u128::from(i) / u128::from(count)) as u64;
    let end = |i: u64| if i == count { size } else { edge(i) + 1 };
    (0..count).map(|i| edge(i)..end(i + 1)).collect()
}
