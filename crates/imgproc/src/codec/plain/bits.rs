//! Huffman codes, bit by bit (T.81, annexes C and F).

use anyhow::{Context, Result, bail};

use crate::codec::entropy::unstuffed;

/// A table of codes: how many there are of each length, and what they stand for.
#[derive(Debug, Clone)]
pub struct Codes {
    counts: [u8; 16],
    symbols: Vec<u8>,
}

impl Codes {
    /// Makes a table of the number of codes of each length, and of their symbols.
    pub fn new(counts: &[u8; 16], symbols: &[u8]) -> Self {
        Self {
            counts: *counts,
            symbols: symbols.to_vec(),
        }
    }
}

/// Reads bits from bytes. Behind their end it reads zeros: see [`is_over`](Self::is_over).
#[derive(Debug)]
pub struct Bits {
    bytes: Vec<u8>,
    /// The number of bits that were read.
    next: usize,
}

impl Bits {
    /// Begins to read the data between two markers.
    pub fn new(data: &[u8]) -> Self {
        Self {
            bytes: unstuffed(data),
            next: 0,
        }
    }

    /// Whether more bits were read than there were.
    pub fn is_over(&self) -> bool {
        self.next > 8 * self.bytes.len()
    }

    /// Reads a bit.
    pub fn bit(&mut self) -> bool {
        let byte = self.bytes.get(self.next / 8).copied().unwrap_or_default();
        let bit = byte << (self.next % 8) & 0x80 > 0;
        self.next += 1;
        bit
    }

    /// Reads a number of so many bits.
    pub fn number(&mut self, bits: u8) -> i32 {
        (0..bits).fold(0, |number, _| number << 1 | i32::from(self.bit()))
    }

    /// Reads a number that may be negative (T.81, F.2.2.1).
    pub fn signed(&mut self, bits: u8) -> i32 {
        let number = self.number(bits);
        match bits > 0 && number < 1 << (bits - 1) {
            true => number - (1 << bits) + 1,
            false => number,
        }
    }

    /// Reads a code. Returns what it stands for.
    ///
    /// # Errors
    /// If there is no such code.
    pub fn symbol(&mut self, codes: &Codes) -> Result<u8> {
        // The code so far, the first code of its length, and the place of its symbol.
        let (mut code, mut first, mut place) = (0, 0, 0);
        for count in codes.counts.map(usize::from) {
            code |= usize::from(self.bit());
            if code < first + count {
                let symbol = codes.symbols.get((place + code).wrapping_sub(first));
                return symbol.copied().context("no such code");
            }
            place += count;
            (first, code) = ((first + count) << 1, code << 1);
        }
        bail!("no such code")
    }
}
