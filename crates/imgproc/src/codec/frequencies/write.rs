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

/// The tables of a grey JPEG.
struct Tables {
    divisors: [u16; 64],
    /// The codes of first coefficients, and of others.
    codes: [Codes; 2],
}

/// For each symbol, its code and the code's length in bits.
type Codes = [(u32, u32); 256];

impl Tables {
    /// Reads the tables from the header of a JPEG.
    fn read(jpeg: &[u8]) -> Result<Self> {
        let mut tables = Self {
            divisors: [1; 64],
            codes: [[(0, 0); 256]; 2],
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
    let (mut codes, mut code) = ([(0, 0); 256], 0);
    let mut symbols = symbols.iter();
    for (length, count) in (1..).zip(counts) {
        for symbol in symbols.by_ref().take(usize::from(*count)) {
            codes[usize::from(*symbol)] = (code, length);
            code += 1;
        }
        code <<= 1;
    }
    codes
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
        let factors: [u64; 64] =
            std::array::from_fn(|at| factor(self.divisors[at], tables.divisors[at]));
        let mut bits = Bits::new(file);
        let mut before = 0;
        for row in rows.start / 8..rows.end.div_ceil(8) {
            let mut tokens = self.row(row).iter().map(|token| u16::from_le_bytes(*token));
            for _ in 0..width.div_ceil(8) {
                let mean = tokens.next().context("a block without a mean")?;
                let mean = scaled(i32::from(mean as i16), factors[0]).clamp(MEANS.0, MEANS.1);
                bits.put(first, 0, mean - before);
                before = mean;
                let (mut index, mut written) = (0, 0);
                for token in tokens.by_ref().take_while(|token| *token != 0) {
                    index += usize::from(token >> 12) + 1;
                    let value = i32::from((token << 4) as i16 >> 4);
                    let value = scaled(value, factors[index % 64]).clamp(-MOST, MOST);
                    if value == 0 {
                        continue;
                    }
                    let mut zeros = index - written - 1;
                    while zeros > 15 {
                        bits.put(others, ZEROS, 0);
                        zeros -= 16;
                    }
                    bits.put(others, zeros << 4, value);
                    written = index;
                }
                if written < 63 {
                    bits.put(others, END, 0);
                }
            }
        }
        bits.finish();
        Ok(())
    }
}

/// Returns by what a coefficient is multiplied that was divided by `from` and is to be divided by
/// `to`, in units of 2^-32.
fn factor(from: u16, to: u16) -> u64 {
    let to = u64::from(to.max(1));
    ((u64::from(from) << 32) + to / 2) / to
}

/// Multiplies a coefficient, and rounds to the nearest.
#[inline(always)]
fn scaled(value: i32, factor: u64) -> i32 {
    let size = (u64::from(value.unsigned_abs()) * factor + (1 << 31)) >> 32;
    let size = size.min(u64::from(u16::MAX)) as i32;
    if value < 0 { -size } else { size }
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

    /// Writes a symbol, whose lowest four bits are made of the size of the value, and the value
    /// (T.81, F.1.2.1 and F.1.2.2).
    #[inline(always)]
    fn put(&mut self, codes: &Codes, symbol: usize, value: i32) {
        let size = 32 - value.unsigned_abs().leading_zeros();
        let (code, length) = codes[(symbol | size as usize) % 256];
        // Of a negative value the bits of one less are written.
        let bits = (value + (value >> 31)) as u32 & ((1 << size) - 1);
        self.buffer = self.buffer << (length + size) | u64::from(code << size | bits);
        self.count += length + size;
        if self.count >= 32 {
            self.count -= 32;
            self.flush((self.buffer >> self.count) as u32);
        }
    }

    #[inline(always)]
    fn flush(&mut self, word: u32) {
        let bytes = word.to_be_bytes();
        // Whether no byte is 255: then none is 0 in the complement.
        let complement = !word;
        let is_plain = complement.wrapping_sub(0x0101_0101) & !complement & 0x8080_8080 == 0;
        if is_plain {
            self.file.extend_from_slice(&bytes);
        } else {
            self.stuffed(&bytes);
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
        let missing = self.count.next_multiple_of(8) - self.count;
        let bits = self.buffer << missing | ((1 << missing) - 1);
        let count = (self.count + missing) as usize / 8;
        let bytes = bits.to_be_bytes();
        self.stuffed(&bytes[8 - count..]);
    }
}
