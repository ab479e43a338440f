//! Huffman codes, and the bits that they are read from (T.81, annex F).

use anyhow::{Context, Result, bail};

use super::FULL;

/// This many bits are looked up at once. Few codes are longer together with their values.
const LOOK: u32 = 10;

/// The bits of an entry that are its length.
const LENGTH: u32 = 63;

/// Set in an entry whose code and value are both inside the bits that were looked up.
const KNOWN: u32 = 1 << 6;

/// The number of coefficients that the end of a block stands for: more than a block has.
pub const END: usize = 128;

/// A table of codes.
#[derive(Debug)]
pub struct Table {
    /// For all values of the next bits: from the lowest bit on the length, [`KNOWN`], in the second
    /// byte the symbol, and in the upper half the value. The length is that of the code alone if
    /// the value is not known, and 0 if the code is longer than what was looked up.
    entries: Box<[u32; 1 << LOOK]>,
    /// For all values of the next bits, where only the number of coefficients matters: the length
    /// of all codes, with their values, that fit into these bits, and in the second byte the number
    /// of coefficients.
    several: Box<[u16; 1 << LOOK]>,
    /// For each length, in 16 bits: the first code that is too large for it.
    ends: [u32; 17],
    /// For each length: what is added to a code to find the index of its symbol.
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

impl Table {
    /// Makes a table from its definition in a file: the number of codes of each length, and the
    /// symbols in the order of their codes (T.81, annex C).
    ///
    /// # Errors
    /// If there are more codes than their lengths allow, or fewer symbols than codes.
    pub fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self> {
        let mut table = Self {
            entries: Box::new([0; 1 << LOOK]),
            several: Box::new([0; 1 << LOOK]),
            ends: [0; 17],
            offsets: [0; 17],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut index) = (0_u32, 0);
        for (length, count) in (1..).zip(counts) {
            table.offsets[length as usize] = index as i32 - code as i32;
            for _ in 0..*count {
                let symbol = *symbols.get(index).context("a code without a symbol")?;
                if length <= LOOK {
                    table.enter(code, length, symbol)?;
                }
                (code, index) = (code + 1, index + 1);
            }
            if code > 1 << length {
                bail!("too many codes");
            }
            table.ends[length as usize] = code << (16 - length);
            code <<= 1;
        }
        table.fill_several();
        Ok(table)
    }

    /// The symbols of the codes, the shortest code's first.
    pub fn symbols(&self) -> &[u8] {
        &self.symbols
    }

    /// Enters a code, with all bits that can follow it.
    fn enter(&mut self, code: u32, length: u32, symbol: u8) -> Result<()> {
        let free = LOOK - length;
        let size = u32::from(symbol & 15);
        for rest in 0..1 << free {
            let (value, length, known) = match size {
                0 => (0, length, KNOWN),
                _ if size <= free => {
                    let value = signed(rest >> (free - size), size);
                    (value, length + size, KNOWN)
                }
                _ => (0, length, 0),
            };
            let at = (code << free | rest) as usize;
            let entry = (value as u32) << 16 | u32::from(symbol) << 8 | known | length;
            *self.entries.get_mut(at).context("too many codes")? = entry;
        }
        Ok(())
    }

    fn fill_several(&mut self) {
        for bits in 0..1_usize << LOOK {
            let (mut length, mut count) = (0, 0);
            while count < END {
                let entry = self.entries[bits << length & ((1 << LOOK) - 1)];
                if entry & KNOWN == 0 || length + (entry & LENGTH) > LOOK {
                    break;
                }
                length += entry & LENGTH;
                count += coefficients(entry);
            }
            self.several[bits] = (count << 8) as u16 | length as u16;
        }
    }
}

/// Returns how many coefficients an entry's symbol stands for: the zeros before a value, and the
/// value.
#[inline(always)]
fn coefficients(entry: u32) -> usize {
    match entry >> 8 & 255 {
        0 => END,
        symbol => (symbol >> 4) as usize + 1,
    }
}

/// Returns the signed value that is written as so many bits (T.81, F.2.2.1).
#[inline(always)]
fn signed(bits: u32, size: u32) -> i32 {
    let below = if bits < 1 << (size - 1) {
        (1 << size) - 1
    } else {
        0
    };
    bits as i32 - below
}

/// Reads codes from bytes. Behind their end it reads zeros: see [`is_over`](Self::is_over).
#[derive(Debug)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    /// The offset of the first byte that is not in the buffer.
    next: usize,
    /// The next bits, from the highest on.
    buffer: u64,
    /// The number of bits in the buffer.
    left: u32,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            next: 0,
            buffer: 0,
            left: 0,
        }
    }

    /// Whether more bits were read than there were.
    pub fn is_over(&self) -> bool {
        8 * self.next > 8 * self.bytes.len() + self.left as usize
    }

    /// The number of whole bytes of which no bit was read.
    pub fn unread(&self) -> usize {
        let bits = 8 * self.bytes.len() + self.left as usize;
        bits.saturating_sub(8 * self.next) / 8
    }

    /// Reads a code, and the value behind it. Returns the number of coefficients, which are zeros
    /// and then the value, and the value.
    ///
    /// # Errors
    /// If no code begins with these bits.
    #[inline(always)]
    pub fn next(&mut self, table: &Table) -> Result<(usize, i32)> {
        let entry = self.entry(table)?;
        Ok((coefficients(entry), entry as i32 >> 16))
    }

    /// Reads a code, and the value behind it. Returns the code's symbol, and the value.
    ///
    /// # Errors
    /// If no code begins with these bits.
    #[inline(always)]
    pub fn symbol(&mut self, table: &Table) -> Result<(u8, i16)> {
        let entry = self.entry(table)?;
        Ok(((entry >> 8) as u8, (entry >> 16) as i16))
    }

    #[inline(always)]
    fn entry(&mut self, table: &Table) -> Result<u32> {
        self.fill();
        let mut entry = table.entries[(self.buffer >> (64 - LOOK)) as usize];
        if entry & KNOWN == 0 {
            entry = long(self.buffer, table, entry)?;
        }
        self.skip(entry & LENGTH);
        Ok(entry)
    }

    /// Passes over at least one code, of a block that has room for so many more coefficients.
    /// Returns the number of coefficients.
    ///
    /// # Errors
    /// If no code begins with these bits.
    #[inline(always)]
    pub fn pass(&mut self, table: &Table, room: usize) -> Result<usize> {
        self.fill();
        let entry = u32::from(table.several[(self.buffer >> (64 - LOOK)) as usize]);
        let count = (entry >> 8) as usize;
        // Behind the last coefficient of a block the next block begins, with another table.
        let fits = count % END + count / END <= room;
        if count == 0 || !fits {
            return Ok(self.next(table)?.0);
        }
        self.skip(entry & LENGTH);
        Ok(count)
    }

    /// Passes over the rest of a block, of which so many coefficients were read.
    ///
    /// # Errors
    /// If no code begins with these bits, or there are more coefficients than a block has.
    #[inline(always)]
    pub fn pass_rest(&mut self, table: &Table, mut index: usize) -> Result<()> {
        while index < 64 {
            let count = self.pass(table, 64 - index)?;
            index += count;
            if index > 64 && count < END {
                bail!(FULL);
            }
        }
        Ok(())
    }

    /// Reads a number of so many bits, at most 16.
    pub fn number(&mut self, bits: u8) -> i32 {
        self.fill();
        // In two steps, since all 64 are more than can be shifted.
        let number = self.buffer >> 1 >> (63 - bits);
        self.skip(bits.into());
        number as i32
    }

    /// Makes sure that there are bits for a code, which has at most 16, and a value, which has
    /// fewer.
    #[inline(always)]
    fn fill(&mut self) {
        if self.left >= 32 {
            return;
        }
        let rest = self.bytes.get(self.next..).unwrap_or_default();
        let more = rest.first_chunk().copied().unwrap_or_else(|| padded(rest));
        self.buffer |= u64::from_be_bytes(more) >> self.left;
        // Whole bytes only. The bits of the next one that are in the buffer already come again.
        let taken = (63 - self.left) / 8;
        self.next += taken as usize;
        self.left += 8 * taken;
    }

    #[inline(always)]
    fn skip(&mut self, count: u32) {
        self.buffer <<= count;
        self.left -= count;
    }
}

#[cold]
fn padded(rest: &[u8]) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes[..rest.len()].copy_from_slice(rest);
    bytes
}

/// Completes an entry whose code or value is longer than what was looked up.
#[inline(never)]
fn long(buffer: u64, table: &Table, entry: u32) -> Result<u32> {
    let (length, symbol) = match entry & LENGTH {
        0 => {
            let code = (buffer >> 48) as u32;
            let length = (1..17).find(|length| code < table.ends[*length]);
            let length = length.context("a code that is not in its table")?;
            let at = (code >> (16 - length)) as i32 + table.offsets[length];
            let symbol = table.symbols.get(at as usize);
            let symbol = symbol.context("a code that is not in its table")?;
            (length as u32, u32::from(*symbol))
        }
        length => (length, entry >> 8 & 255),
    };
    let size = symbol & 15;
    let value = match size {
        0 => 0,
        _ => signed((buffer << length >> (64 - size)) as u32, size),
    };
    Ok((value as u32) << 16 | symbol << 8 | KNOWN | (length + size))
}
