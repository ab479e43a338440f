//! Blocks of coefficients, and what each scan adds to them (T.81, annexes F and G).

use anyhow::{Context, Result, bail};

use crate::codec::entropy::{Bits, FULL, Table};

/// The coefficients of 8 x 8 samples, in the file's order.
pub type Coefficients = [i16; 64];

/// A block that is being read.
pub struct Block<'a> {
    pub coefficients: &'a mut Coefficients,
    /// A bit for each coefficient that was read. A scan that refines these passes over the others,
    /// which are 0, and the most.
    pub known: &'a mut u64,
}

impl Block<'_> {
    /// Sets a coefficient that was read.
    #[inline]
    pub fn set(&mut self, index: usize, value: i16) {
        self.coefficients[index % 64] = value;
        *self.known |= 1 << (index % 64);
    }

    /// Whether a coefficient was read.
    #[inline]
    fn has(&self, index: usize) -> bool {
        *self.known >> index & 1 > 0
    }

    /// Reads one more bit of a coefficient.
    #[inline]
    fn refine(&mut self, bits: &mut Bits<'_>, low: u8, index: usize) {
        let coefficient = &mut self.coefficients[index % 64];
        if bits.number(1) > 0 {
            *coefficient = coefficient.wrapping_add(coefficient.signum() << low);
        }
    }

    /// Refines all coefficients from `first` to `last` that were read.
    #[inline]
    fn refine_all(&mut self, bits: &mut Bits<'_>, low: u8, first: usize, last: usize) {
        let among = u64::MAX << first & u64::MAX >> (63 - last);
        places(*self.known & among, |index| self.refine(bits, low, index));
    }
}

/// Calls `each` with the places of the coefficients that were read.
#[inline]
pub fn places(mut known: u64, mut each: impl FnMut(usize)) {
    while known > 0 {
        each(known.trailing_zeros() as usize);
        known &= known - 1;
    }
}

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
#[inline]
pub fn read(
    bits: &mut Bits<'_>,
    share: Share,
    (first, others): (Option<&Table>, Option<&Table>),
    before: &mut Before,
    block: &mut Block<'_>,
) -> Result<()> {
    if share.first == 0 && share.refines {
        let mean = block.coefficients[0] | (bits.number(1) << share.low) as i16;
        block.set(0, mean);
    } else if share.first == 0 {
        let (_, difference) = bits.symbol(first.context("missing codes")?)?;
        before.mean = before.mean.wrapping_add(difference.into());
        block.set(0, (before.mean << share.low) as i16);
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
        block.refine_all(bits, share.low, share.first.max(1), share.last);
    }
    Ok(())
}

/// Reads the coefficients of a block but the first.
fn coefficients(
    bits: &mut Bits<'_>,
    share: Share,
    codes: &Table,
    before: &mut Before,
    block: &mut Block<'_>,
) -> Result<()> {
    let mut index = share.first.max(1);
    while index <= share.last {
        let (symbol, value) = bits.symbol(codes)?;
        let (zeros, size) = (usize::from(symbol >> 4), symbol & 15);
        if size == 0 && zeros < 15 {
            // This block ends, and some more are empty.
            before.empty = (1 << zeros) + bits.number(zeros as u8) - 1;
            if share.refines {
                block.refine_all(bits, share.low, index, share.last);
            }
            return Ok(());
        }
        // The place of the value is behind so many zeros.
        if share.refines {
            index = refined(bits, share, block, index, zeros);
        } else {
            index += zeros;
            if index > share.last {
                bail!(FULL);
            }
        }
        if size > 0 && index <= share.last {
            block.set(index, value << share.low);
        }
        index += 1;
    }
    Ok(())
}

/// Passes over so many coefficients that are still 0, and refines the others that it meets. Returns
/// the place of the next one that is 0.
fn refined(
    bits: &mut Bits<'_>,
    share: Share,
    block: &mut Block<'_>,
    mut index: usize,
    mut zeros: usize,
) -> usize {
    while index <= share.last {
        match (block.has(index), zeros) {
            (true, _) => block.refine(bits, share.low, index),
            (false, 0) => break,
            (false, _) => zeros -= 1,
        }
        index += 1;
    }
    index
}
