//! Lossless JPEGs: each sample is stored as the difference from what its neighbours let expect
//! (T.81, annex H).

use anyhow::{Result, bail};

use super::DAMAGED;
use crate::codec::entropy::{Bits, Table, unstuffed};

/// Decodes the channels of a scan, of which each pixel has a sample of 8 bits. `codes` are those of
/// each, `predictor` says how neighbours are used, and the lowest `low` bits are not stored. There
/// are so many rows between two restart markers, and the data of each `intervals` has its first.
///
/// # Errors
/// If data are damaged or missing.
pub fn decode<'a>(
    [width, height]: [usize; 2],
    codes: &[&Table],
    (predictor, low): (u8, u8),
    rows: usize,
    intervals: impl Iterator<Item = (&'a [u8], usize)>,
) -> Result<Vec<Vec<u8>>> {
    if !(1..=7).contains(&predictor) || low > 7 {
        bail!(DAMAGED);
    }
    let mut planes = vec![vec![0_u8; width * height]; codes.len()];
    for (data, top) in intervals {
        let bytes = unstuffed(data);
        let mut bits = Bits::new(&bytes);
        for at in top * width..(top + rows).min(height) * width {
            for (plane, codes) in planes.iter_mut().zip(codes) {
                let sample = |distance: usize| i32::from(plane[at - distance]);
                let expected = match (at % width, at / width == top) {
                    (0, true) => 1 << (7 - low),
                    (_, true) => sample(1),
                    (0, false) => sample(width),
                    _ => {
                        let (left, above) = (sample(1), sample(width));
                        let corner = sample(width + 1);
                        match predictor {
                            1 => left,
                            2 => above,
                            3 => corner,
                            4 => left + above - corner,
                            5 => left + ((above - corner) >> 1),
                            6 => above + ((left - corner) >> 1),
                            _ => (left + above) / 2,
                        }
                    }
                };
                let (_, difference) = bits.symbol(codes)?;
                plane[at] = (expected + i32::from(difference)) as u8;
            }
        }
        if bits.is_over() {
            bail!(DAMAGED);
        }
    }
    let shifted = |plane: Vec<u8>| plane.into_iter().map(|sample| sample << low).collect();
    Ok(planes.into_iter().map(shifted).collect())
}
