//! Coefficients to the codes of a grey JPEG.

use std::ops::Range;

use anyhow::{Context, Result};

use super::Frequencies;
use crate::codec::entropy::{divisors, tables_of_codes};
use crate::codec::jpeg::{HUFFMAN_TABLES, QUANTIZATION_TABLES, data, segments};

/// The largest coefficient but the mean that has a code (T.81, table F.2).
const MOST: i32 = 1023;

/// The range of a mean in a picture of 8 bits. The difference of two has a code (T.81, table F.1).
const MEANS: (i32, i32) = (-1024, 1023);

/// The symbol of 16 zeros.
const ZEROS: usize = 0xf0;

/// The symbol of a block's end.
const END: usize = 0;

/// Coefficients from `-SMALL` up to, but not including, `SMALL` have their codes in a table.
const SMALL: i32 = 32;

/// The tables of a grey JPEG.
struct Tables {
    divisors: [u16; 64],
    /// The codes of first coefficients, and of others.
    codes: [Codes; 2],
}

/// Bits to be written, and their number.
#[derive(Clone, Copy, Default)]
struct Code {
    bits: u32,
    length: u32,
}

/// The code of each symbol.
type Codes = [Code; 256];

impl Tables {
    /// Reads the tables from the header of a JPEG.
    fn read(jpeg: &[u8]) -> Result<Self> {
        let mut tables = Self {
            divisors: [1; 64],
            codes: [[Code::default(); 256]; 2],
        };
        for (kind, at) in segments(jpeg) {
            let data = data(jpeg, at);
            match kind {
                QUANTIZATION_TABLES => divisors(data, |_, values| {
                    tables.divisors = values;
                    Ok(())
                })?,
                HUFFMAN_TABLES => tables_of_codes(data, |kind, _, counts, symbols| {
                    let codes = tables.codes.get_mut(usize::from(kind));
                    *codes.context("codes of another kind")? = codes_of(counts, symbols);
                    Ok(())
                })?,
                _ => {}
            }
        }
        Ok(tables)
    }
}

/// Gives each symbol its code (T.81, annex C).
fn codes_of(counts: &[u8; 16], symbols: &[u8]) -> Codes {
    let (mut codes, mut bits) = ([Code::default(); 256], 0);
    let mut symbols = symbols.iter();
    for (length, count) in (1..).zip(counts) {
        for symbol in symbols.by_ref().take(usize::from(*count)) {
            codes[usize::from(*symbol)] = Code { bits, length };
            bits += 1;
        }
        bits <<= 1;
    }
    codes
}

/// Returns the code of some zeros and a value behind them (T.81, F.1.2.1 and F.1.2.2).
#[inline(always)]
fn code(codes: &Codes, zeros: usize, value: i32) -> Code {
    let size = 32 - value.unsigned_abs().leading_zeros();
    let of = codes[(zeros << 4 | size as usize) % 256];
    // Of a negative value the bits of one less are written.
    let bits = (value + (value >> 31)) as u32 & ((1 << size) - 1);
    Code {
        bits: of.bits << size | bits,
        length: of.length + size,
    }
}

impl Frequencies {
    /// Writes these rows of pixels behind the header of a grey JPEG whose width, in pixels, is
    /// `width`. Its tables are used.
    ///
    /// # Errors
    /// If the header has no tables.
    pub fn write(&self, rows: Range<usize>, width: usize, file: &mut Vec<u8>) -> Result<()> {
        let tables = Tables::read(file)?;
        let [first, others] = &tables.codes;
        let small: [[Code; 2 * SMALL as usize]; 16] = std::array::from_fn(|zeros| {
            std::array::from_fn(|value| code(others, zeros, value as i32 - SMALL))
        });
        let factors: [i64; 64] =
            std::array::from_fn(|at| factor(self.divisors[at], tables.divisors[at]));
        let mut bits = Bits::new(file);
        let mut before = 0;
        for row in rows.start / 8..rows.end.div_ceil(8) {
            let mut tokens = self.row(row).iter().map(|token| u16::from_le_bytes(*token));
            for _ in 0..width.div_ceil(8) {
                let mean = tokens.next().context("a block without a mean")?;
                let mean = scaled(mean as i16, factors[0]).clamp(MEANS.0, MEANS.1);
                bits.put(code(first, 0, mean - before));
                before = mean;
                let (mut index, mut written) = (0, 0);
                for token in tokens.by_ref().take_while(|token| *token != 0) {
                    index += usize::from(token >> 12) + 1;
                    let value = scaled((token << 4) as i16 >> 4, factors[index % 64]);
                    if value == 0 {
                        continue;
                    }
                    let mut zeros = index - written - 1;
                    written = index;
                    while zeros > 15 {
                        bits.put(others[ZEROS]);
                        zeros -= 16;
                    }
                    let known = small[zeros].get((value + SMALL) as usize);
                    bits.put(match known {
                        Some(code) => *code,
                        None => code(others, zeros, value.clamp(-MOST, MOST)),
                    });
                }
                if written < 63 {
                    bits.put(others[END]);
                }
            }
        }
        bits.finish();
        Ok(())
    }
}

/// Returns by what a coefficient is multiplied that was divided by `from` and is to be divided by
/// `to`, in units of 2^-24.
fn factor(from: u16, to: u16) -> i64 {
    let to = u64::from(to.max(1));
    (u64::from(from) << 24).div_ceil(to) as i64
}

/// Multiplies a coefficient, and rounds to the nearest, away from 0 if there are two of them.
#[inline(always)]
fn scaled(value: i16, factor: i64) -> i32 {
    let value = i64::from(value);
    // No branch, since nobody can predict a sign.
    ((value * factor + (1 << 23) + (value >> 63)) >> 24) as i32
}

/// Writes codes to a file.
struct Bits<'a> {
    file: &'a mut Vec<u8>,
    /// The bits that are not in the file yet, the last one lowest.
    buffer: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    fn new(file: &'a mut Vec<u8>) -> Self {
        Self {
            file,
            buffer: 0,
            count: 0,
        }
    }

    #[inline(always)]
    fn put(&mut self, Code { bits, length }: Code) {
        let free = 64 - self.count;
        if length < free {
            self.buffer = self.buffer << length | u64::from(bits);
            self.count += length;
            return;
        }
        self.count = length - free;
        self.flush(self.buffer << free | u64::from(bits >> self.count));
        // Above the bits that are left are some that were written. They are shifted out.
        self.buffer = bits.into();
    }

    #[inline(always)]
    fn flush(&mut self, word: u64) {
        const EACH: u64 = 0x0101_0101_0101_0101;
        // A byte of 255 is 0 in the complement. Taking 1 from each byte then sets the highest bit
        // of one that had none.
        let complement = !word;
        if complement.wrapping_sub(EACH) & word & EACH << 7 == 0 {
            self.file.extend_from_slice(&word.to_be_bytes());
        } else {
            self.stuffed(&word.to_be_bytes());
        }
    }

    /// Writes bytes, and a zero after each 255, or it would be a marker (T.81, B.1.1.5).
    #[cold]
    fn stuffed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.file.push(*byte);
            if *byte == 0xff {
                self.file.push(0);
            }
        }
    }

    /// Writes what is left, filled up with ones (T.81, F.1.2.3).
    fn finish(mut self) {
        self.put(Code {
            bits: 0x7f,
            length: 7,
        });
        // Whole bytes, without those of the seven that are not needed.
        let count = self.count as usize / 8;
        let bytes = (self.buffer >> (self.count % 8)).to_be_bytes();
        self.stuffed(&bytes[8 - count..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_rounded_exactly() {
        for from in [1, 2, 3, 7, 16, 99, 255] {
            for to in 1..=255 {
                for value in (-1023..=1023).step_by(31).chain(-9..=9) {
                    let size = (2 * i32::from(value).abs() * from + to) / (2 * to);
                    let is = scaled(value, factor(from as u16, to as u16));
                    assert_eq!(is, size * value.signum() as i32, "{value} * {from} / {to}");
                }
            }
        }
    }

    /// Of all lengths, so that each bit of a word is the first of some code.
    #[test]
    fn bits_are_written_one_behind_the_other() {
        let (mut file, mut expected) = (Vec::new(), String::new());
        let mut bits = Bits::new(&mut file);
        for number in 0..2_000_u32 {
            let length = number * number % 27 + 1;
            // Also some that are ones alone, and so bytes of 255.
            let value = if number % 3 == 0 {
                !0
            } else {
                number.wrapping_mul(0x9e37_79b9)
            };
            let value = value & ((1 << length) - 1);
            bits.put(Code {
                bits: value,
                length,
            });
            expected += &format!("{value:0width$b}", width = length as usize);
        }
        bits.finish();
        expected += &"1".repeat(expected.len().next_multiple_of(8) - expected.len());
        let file = crate::codec::entropy::unstuffed(&file);
        let written: String = file.iter().map(|byte| format!("{byte:08b}")).collect();
        assert!(written == expected);
    }
}
