//! Blocks of coefficients, and the samples that they stand for (T.81, annexes A, F and G).

use anyhow::{Context, Result, bail};

use crate::codec::blocks::ZIGZAG;
use crate::codec::entropy::{Bits, FULL, Table};

/// The coefficients of 8 x 8 samples.
pub type Block = [i16; 64];

/// What a scan adds to blocks. A sequential JPEG has all in one scan.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// The first and the last coefficient.
    pub first: usize,
    pub last: usize,
    /// Whether the bits above were in an earlier scan.
    pub refines: bool,
    /// The lowest bit.
    pub low: u8,
}

/// What the blocks of a channel know of those before them.
#[derive(Debug, Default)]
pub struct Before {
    /// The first coefficient of the last block.
    pub mean: i32,
    /// What arithmetic coding expects of the next one.
    pub context: usize,
    /// The number of blocks that follow without any more coefficients.
    empty: i32,
}

/// Reads a scan's share of a block.
///
/// # Errors
/// If there is no such code, or a table is missing.
pub fn read(
    bits: &mut Bits<'_>,
    share: Share,
    (first, others): (Option<&Table>, Option<&Table>),
    before: &mut Before,
    block: &mut Block,
) -> Result<()> {
    if share.first == 0 && share.refines {
        block[0] |= (bits.number(1) << share.low) as i16;
    } else if share.first == 0 {
        let (_, difference) = bits.symbol(first.context("missing codes")?)?;
        before.mean = before.mean.wrapping_add(difference.into());
        block[0] = (before.mean << share.low) as i16;
    }
    if share.last == 0 {
        return Ok(());
    }
    if before.empty == 0 {
        let others = others.context("missing codes")?;
        return coefficients(bits, share, others, before, block);
    }
    before.empty -= 1;
    if share.refines {
        for place in &ZIGZAG[share.first.max(1)..=share.last] {
            refine(bits, share.low, &mut block[usize::from(*place)]);
        }
    }
    Ok(())
}

/// Reads the coefficients of a block but the first.
fn coefficients(
    bits: &mut Bits<'_>,
    share: Share,
    codes: &Table,
    before: &mut Before,
    block: &mut Block,
) -> Result<()> {
    let mut places = ZIGZAG[share.first.max(1)..=share.last].iter();
    while !places.as_slice().is_empty() {
        let (symbol, value) = bits.symbol(codes)?;
        let (mut zeros, size) = (symbol >> 4, symbol & 15);
        let value = value << share.low;
        if size == 0 && zeros < 15 {
            // This block ends, and some more are empty.
            before.empty = (1 << zeros) + bits.number(zeros) - 1;
            if share.refines {
                for place in places {
                    refine(bits, share.low, &mut block[usize::from(*place)]);
                }
            }
            return Ok(());
        }
        // Zeros that are passed over, and the place of the value. What is not zero was in an
        // earlier scan.
        loop {
            let Some(place) = places.next() else {
                if share.refines {
                    break;
                }
                bail!(FULL);
            };
            let coefficient = &mut block[usize::from(*place)];
            if share.refines && *coefficient != 0 {
                refine(bits, share.low, coefficient);
            } else if zeros == 0 {
                *coefficient = value;
                break;
            } else {
                zeros -= 1;
            }
        }
    }
    Ok(())
}

/// Reads one more bit of a coefficient that is not zero.
fn refine(bits: &mut Bits<'_>, low: u8, coefficient: &mut i16) {
    if *coefficient != 0 && bits.number(1) > 0 {
        *coefficient = coefficient.wrapping_add(coefficient.signum() << low);
    }
}

/// The samples of a block (T.81, A.3.3).
pub fn samples(block: &Block, divisors: &[u16; 64], waves: &[[f32; 8]; 8]) -> [u8; 64] {
    let mut rows = [0.0; 64];
    for (place, divisor) in ZIGZAG.iter().map(|place| usize::from(*place)).zip(divisors) {
        let value = f32::from(block[place]) * f32::from(*divisor);
        if value != 0.0 {
            for (x, wave) in waves.iter().enumerate() {
                rows[place / 8 * 8 + x] += value * wave[place % 8];
            }
        }
    }
    std::array::from_fn(|at| {
        let (x, wave) = (at % 8, &waves[at / 8]);
        let sum: f32 = (0..8).map(|y| rows[8 * y + x] * wave[y]).sum();
        (sum + 128.0).round() as u8
    })
}

/// The values of each wave at each of eight places.
pub fn waves() -> [[f32; 8]; 8] {
    let wave = |x: usize, wave: usize| {
        let angle = ((2 * x + 1) * wave) as f32 * std::f32::consts::PI / 16.0;
        let scale = if wave == 0 { 0.5_f32.sqrt() } else { 1.0 };
        scale * angle.cos() / 2.0
    };
    std::array::from_fn(|x| std::array::from_fn(|of| wave(x, of)))
}
