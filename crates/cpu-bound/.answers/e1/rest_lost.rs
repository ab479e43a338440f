//! misconception: a division of integers drops the remainder: 3 parts of 3 numbers leave out one of
//! 10. The remainder must go somewhere.

use std::ops::Range;

pub fn parts(size: u64, count: u64) -> Vec<Range<u64>> {
    let length = size / count;
    let mut begin = 0;
    let mut next = || {
        begin += length;
        begin - length..begin
    };
    (0..count).map(|_| next()).collect()
}
