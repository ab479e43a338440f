//! What the memory model allows: all executions that loom explores, without a time limit.

#[path = "../examples/memory_ordering.rs"]
#[allow(dead_code, unreachable_pub)]
mod memory_ordering;

use std::collections::BTreeSet;

use loom::sync::atomic::Ordering::{Acquire, Relaxed, Release};
// The mounted file imports `crate::sync`.
use memory_ordering::{both_free, letters, sync};

#[test]
fn without_a_fence_both_may_find_the_way_free() {
    let all = [(false, false), (false, true), (true, false), (true, true)];
    assert_eq!(both_free(false), BTreeSet::from(all));
    assert_eq!(
        both_free(true),
        BTreeSet::from_iter(all[..3].iter().copied())
    );
}

#[test]
fn who_sees_the_flag_sees_the_letter_if_both_sides_say_so() {
    let right = BTreeSet::from([None, Some(42)]);
    assert_eq!(letters(Release, Acquire), right);
    // One side alone is not enough: known to be wrong, and the checker must find it.
    let wrong = BTreeSet::from([None, Some(0), Some(42)]);
    for (raise, look) in [(Relaxed, Relaxed), (Release, Relaxed), (Relaxed, Acquire)] {
        assert_eq!(letters(raise, look), wrong, "{raise:?}, {look:?}");
    }
}
