//! Each number is in one part, and no part is longer than another by more than one.

use std::ops::Range;
use std::panic;

use timing::practise::{Judgement, Mistake};

pub fn check(parts: fn(u64, u64) -> Vec<Range<u64>>) -> Judgement {
    let sizes = (0..=20).flat_map(|size| (1..=8).map(move |count| (size, count)));
    for (size, count) in sizes.chain([(u64::MAX, 1), (u64::MAX, 3), (u64::MAX - 1, 1000)]) {
        // Numbers that are too large are a panic, or wrap around: both are the same mistake.
        let found = panic::catch_unwind(|| parts(size, count)).unwrap_or_default();
        if let Err(mistake) = judge(size, count, &found) {
            let story = vec![format!("size {size}, {count} parts: {found:?}")];
            return Err(Mistake {
                sentence: mistake,
                story: if found.len() <= 8 { story } else { Vec::new() },
            });
        }
    }
    Ok("for all sizes up to 20 and all numbers of parts up to 8, and for the largest".into())
}

fn judge(size: u64, count: u64, parts: &[Range<u64>]) -> Result<(), String> {
    let known = |source| Err(timing::practise::misconception(source));
    if parts.len() as u64 != count {
        return match size > 1_000 {
            true => known(timing::known!(e1, overflow)),
            false => Err(format!("there are {} parts, and not {count}.", parts.len())),
        };
    }
    let mut at = 0;
    for part in parts {
        if part.start < at && size < 1_000 {
            return known(timing::known!(e1, edges_twice));
        }
        if part.start != at || part.end < part.start {
            return match size < 1_000 {
                true => Err(format!("{at} is in no part.")),
                false => known(timing::known!(e1, overflow)),
            };
        }
        at = part.end;
    }
    if at < size {
        return match at == size / count * count {
            true => known(timing::known!(e1, rest_lost)),
            false => Err(format!(
                "the numbers from {at} to {} are in no part.",
                size - 1
            )),
        };
    }
    if at > size {
        return Err(format!("a part goes up to {at}, beyond the size {size}."));
    }
    let lengths = parts.iter().map(|part| part.end - part.start);
    let (least, most) = (lengths.clone().min(), lengths.max());
    match least
        .zip(most)
        .is_some_and(|(least, most)| most - least > 1)
    {
        true => known(timing::known!(e1, rest_to_last)),
        false => Ok(()),
    }
}
