//! The bytes are those of one loop, for bands of each number of rows.

use std::panic;

use timing::practise::{Judgement, Mistake};

type Luma = fn(&[[u8; 3]], &mut [u8], usize, usize);

const WIDTH: usize = 7;
const ROWS: usize = 11;

pub fn check(luma: Luma) -> Judgement {
    // All of one colour: no band can be a wrong one.
    let dark = vec![[9, 8, 7]; WIDTH * ROWS];
    let bright = vec![[250, 251, 255]; WIDTH * ROWS];
    judge(luma, &dark, ROWS, timing::known!(e1, truncates))?;
    judge(luma, &bright, ROWS, timing::known!(e1, overflow))?;
    let colours = |i: usize| [i * 37, i * 101 + 5, i * 59 + 11].map(|value| (value % 256) as u8);
    let photo: Vec<_> = (0..WIDTH * ROWS).map(colours).collect();
    judge(luma, &photo, ROWS, timing::known!(e1, truncates))?;
    // One row a band fills all bands; then the last one has fewer rows.
    judge(luma, &photo, 1, timing::known!(e1, offset))?;
    for rows in 2..=ROWS + 2 {
        judge(luma, &photo, rows, timing::known!(e1, rest))?;
    }
    Ok(format!("the same bytes in bands of 1 to {} rows", ROWS + 2))
}

/// Compares the bytes with those of one loop. If they are others, it is with this misconception.
fn judge(luma: Luma, photo: &[[u8; 3]], rows: usize, known: &str) -> Result<(), Mistake> {
    let right = photo.iter().map(|[r, g, b]| {
        let sum = 299 * u32::from(*r) + 587 * u32::from(*g) + 114 * u32::from(*b);
        ((sum + 500) / 1000) as u8
    });
    // Numbers that are too large are a panic, or wrap around: both are the same mistake.
    let found = panic::catch_unwind(|| {
        let mut grey = vec![0; photo.len()];
        luma(photo, &mut grey, WIDTH, rows);
        grey
    });
    let Ok(found) = found else {
        return Err(Mistake::known(timing::known!(e1, overflow)));
    };
    let different = found
        .iter()
        .zip(right)
        .position(|(found, right)| *found != right);
    match different {
        None => Ok(()),
        Some(at) => Err(Mistake {
            story: vec![format!(
                "in bands of {rows} rows, row {} column {} is {}, of {:?}",
                at / WIDTH,
                at % WIDTH,
                found[at],
                photo[at]
            )],
            ..Mistake::known(known)
        }),
    }
}
