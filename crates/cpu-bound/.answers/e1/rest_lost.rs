//! misconception: a division of whole numbers drops the rest: 10 numbers in 3 parts of 3 leave one
//! out. The rest must go somewhere.

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
