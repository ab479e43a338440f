//! Arithmetic coding (T.81, annexes D and F.1.4): each bit takes as much of the data as it was
//! unlikely. How likely bits are is learnt from those before, in states that depend on what a bit
//! says.

use anyhow::{Context, Result, bail};

use super::DAMAGED;
use super::blocks::{Before, Block};

/// The states (T.81, table D.3). In the upper half of each the share of the less likely bit, then
/// the state behind the more likely bit, whether the less likely bit becomes the more likely one,
/// and in seven bits the state behind the less likely bit.
#[rustfmt::skip]
const STATES: [u32; 114] = [
    0x5a1d_0181, 0x2586_020e, 0x1114_0310, 0x080b_0412, 0x03d8_0514, 0x01da_0617, 0x00e5_0719,
    0x006f_081c, 0x0036_091e, 0x001a_0a21, 0x000d_0b23, 0x0006_0c09, 0x0003_0d0a, 0x0001_0d0c,
    0x5a7f_0f8f, 0x3f25_1024, 0x2cf2_1126, 0x207c_1227, 0x17b9_1328, 0x1182_142a, 0x0cef_152b,
    0x09a1_162d, 0x072f_172e, 0x055c_1830, 0x0406_1931, 0x0303_1a33, 0x0240_1b34, 0x01b1_1c36,
    0x0144_1d38, 0x00f5_1e39, 0x00b7_1f3b, 0x008a_203c, 0x0068_213e, 0x004e_223f, 0x003b_2320,
    0x002c_0921, 0x5ae1_25a5, 0x484c_2640, 0x3a0d_2741, 0x2ef1_2843, 0x261f_2944, 0x1f33_2a45,
    0x19a8_2b46, 0x1518_2c48, 0x1177_2d49, 0x0e74_2e4a, 0x0bfb_2f4b, 0x09f8_304d, 0x0861_314e,
    0x0706_324f, 0x05cd_3330, 0x04de_3432, 0x040f_3532, 0x0363_3633, 0x02d4_3734, 0x025c_3835,
    0x01f8_3936, 0x01a4_3a37, 0x0160_3b38, 0x0125_3c39, 0x00f6_3d3a, 0x00cb_3e3b, 0x00ab_3f3d,
    0x008f_203d, 0x5b12_41c1, 0x4d04_4250, 0x412c_4351, 0x37d8_4452, 0x2fe8_4553, 0x293c_4654,
    0x2379_4756, 0x1edf_4857, 0x1aa9_4957, 0x174e_4a48, 0x1424_4b48, 0x119c_4c4a, 0x0f6b_4d4a,
    0x0d51_4e4b, 0x0bb6_4f4d, 0x0a40_304d, 0x5832_51d0, 0x4d1c_5258, 0x438e_5359, 0x3bdd_545a,
    0x34ee_555b, 0x2eae_565c, 0x299a_575d, 0x2516_4756, 0x5570_59d8, 0x4ca9_5a5f, 0x44d9_5b60,
    0x3e22_5c61, 0x3824_5d63, 0x32b4_5e63, 0x2e17_565d, 0x56a8_60df, 0x4f46_6165, 0x47e5_6266,
    0x41cf_6367, 0x3c3d_6468, 0x375e_5d63, 0x5231_6669, 0x4c0f_676a, 0x4639_686b, 0x415e_6367,
    0x5627_6ae9, 0x50e7_6b6c, 0x4b85_676d, 0x5597_6d6e, 0x504f_6b6f, 0x5a10_6fee, 0x5522_6d70,
    0x59eb_6ff0, 0x5a1d_7171,
];

/// The places of states: for the first coefficients of each of four tables, for the others, and
/// for signs, whose state never changes.
const FIRST: usize = 64;
const OTHERS: usize = 256;
const SIGN: usize = 4 * (FIRST + OTHERS);

/// What the states depend on, besides the bits before (T.81, B.2.4.3).
#[derive(Debug, Clone, Copy)]
pub struct Conditions {
    /// The least and the greatest difference that is small, as powers of two.
    pub small: (u8, u8),
    /// The last of the low frequencies.
    pub low: u8,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            small: (0, 1),
            low: 5,
        }
    }
}

/// Decodes the data between two markers, without the zeros that follow each byte of 255. Behind
/// their end are zeros, which an encoder may leave out.
pub struct Decoder<'a> {
    bytes: std::slice::Iter<'a, u8>,
    code: u32,
    range: u32,
    /// The bits of the code that were not used yet.
    bits: i32,
    /// The states, with the more likely bit in the highest bit of each.
    states: Vec<u8>,
}

impl<'a> Decoder<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        let mut states = vec![0; SIGN + 1];
        states[SIGN] = 113;
        Self {
            bytes: data.iter(),
            code: 0,
            range: 0,
            bits: -16,
            states,
        }
    }

    /// The number of bytes that were not read.
    pub fn unread(&self) -> usize {
        self.bytes.len()
    }

    /// Decodes a bit with the state at this place (T.81, D.2).
    fn bit(&mut self, at: usize) -> bool {
        while self.range < 0x8000 {
            self.bits -= 1;
            if self.bits < 0 {
                self.code = self.code << 8 | u32::from(*self.bytes.next().unwrap_or(&0));
                self.bits += 8;
                if self.bits < 0 {
                    // The first two bytes.
                    self.bits += 1;
                    if self.bits == 0 {
                        self.range = 0x8000;
                    }
                }
            }
            self.range <<= 1;
        }
        let state = self.states[at];
        let entry = STATES[usize::from(state & 0x7f)];
        let share = entry >> 16;
        self.range -= share;
        let limit = self.range << self.bits;
        // The shares are exchanged where the less likely bit would have the larger one.
        let is_less_likely = match self.code >= limit {
            true => {
                self.code -= limit;
                let larger = self.range >= share;
                self.range = share;
                larger
            }
            false if self.range >= 0x8000 => return state > 0x7f,
            false => self.range < share,
        };
        let next = match is_less_likely {
            true => entry as u8,
            false => (entry >> 8) as u8,
        };
        self.states[at] = (state & 0x80) ^ next;
        (state > 0x7f) != is_less_likely
    }

    /// Decodes the power of two in a value, from this place on. Returns the place of the last bit,
    /// too.
    fn power(&mut self, mut at: usize, mut power: i32) -> Result<(i32, usize)> {
        while self.bit(at) {
            (power, at) = (power << 1, at + 1);
            if power == 0x8000 {
                bail!(DAMAGED);
            }
        }
        Ok((power, at))
    }

    /// Decodes the bits of a value below its highest one.
    fn value(&mut self, power: i32, at: usize, is_negative: bool) -> i32 {
        let (mut value, mut bit) = (power, power >> 1);
        while bit > 0 {
            value |= if self.bit(at + 14) { bit } else { 0 };
            bit >>= 1;
        }
        if is_negative { -value - 1 } else { value + 1 }
    }

    /// Decodes a block, with the tables of these numbers.
    ///
    /// # Errors
    /// If the data are damaged.
    pub fn block(
        &mut self,
        [first, others]: [u8; 2],
        conditions: &[Conditions; 4],
        before: &mut Before,
        block: &mut Block<'_>,
    ) -> Result<()> {
        let (small, low) = (
            conditions.get(usize::from(first)).context(DAMAGED)?.small,
            conditions.get(usize::from(others)).context(DAMAGED)?.low,
        );
        let start = usize::from(first) * FIRST;
        let at = start + before.context;
        before.context = 0;
        if self.bit(at) {
            let is_negative = self.bit(at + 1);
            let sign = usize::from(is_negative);
            let (mut power, mut at) = (0, at + 2 + sign);
            if self.bit(at) {
                (power, at) = self.power(start + 20, 1)?;
            }
            before.context = match power {
                _ if power < (1 << small.0) >> 1 => 0,
                _ if power > (1 << small.1) >> 1 => 12 + 4 * sign,
                _ => 4 + 4 * sign,
            };
            let difference = self.value(power, at, is_negative);
            before.mean = before.mean.wrapping_add(difference);
        }
        block.set(0, before.mean as i16);
        let start = 4 * FIRST + usize::from(others) * OTHERS;
        let mut index = 0;
        while index < 63 && !self.bit(start + 3 * index) {
            while !self.bit(start + 3 * index + 1) {
                index += 1;
                if index == 63 {
                    bail!(DAMAGED);
                }
            }
            let is_negative = self.bit(SIGN);
            let (mut power, mut at) = (0, start + 3 * index + 2);
            index += 1;
            if self.bit(at) {
                power = 1;
                if self.bit(at) {
                    let higher = if index <= usize::from(low) { 189 } else { 217 };
                    (power, at) = self.power(start + higher, 2)?;
                }
            }
            let value = self.value(power, at, is_negative);
            block.set(index, value as i16);
        }
        Ok(())
    }
}
