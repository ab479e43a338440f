//! The codes of a JPEG to the coefficients of its luma.

use anyhow::{Context, Result, bail, ensure};

use super::{Frequencies, LENGTH, MOST_TOKENS, Token};
use crate::codec;
use crate::codec::entropy::{Bits, FULL, Layout, MISSING, Share, Table, UNREAD};
use crate::codec::header::{Header, Scans};

/// The symbol of a block's end.
const END_OF_BLOCK: u8 = 0;

/// A scan whose luma can be read.
#[derive(Debug)]
pub struct Scan {
    pub(super) layout: Layout,
    pub(super) divisors: [u16; 64],
}

/// Whole rows of units, and the memory for their luma.
pub struct Part<'a> {
    scan: &'a Scan,
    jpeg: &'a [u8],
    share: Share<'a>,
    out: &'a mut [u8],
}

impl Scan {
    /// Reads the tables of a JPEG. Returns nothing if it is of a kind that is not read here.
    ///
    /// # Errors
    /// If a table is damaged or missing.
    pub fn read(jpeg: &[u8], header: &Header, scans: &Scans) -> Result<Option<Self>> {
        let Some(layout) = Layout::read(jpeg, header, scans)? else {
            return Ok(None);
        };
        // Damage is not passed over, even where only the colours have it.
        for channel in &layout.channels {
            layout.divisors(channel)?;
            layout.codes(channel)?;
        }
        let luma = &layout.channels[0];
        Ok(Some(Self {
            divisors: *layout.divisors(luma)?,
            layout,
        }))
    }

    /// The bytes from one row of blocks to the next.
    pub(super) fn stride(&self) -> usize {
        let blocks = self.layout.units().0 * self.layout.channels[0].blocks.0;
        LENGTH + blocks * MOST_TOKENS * size_of::<Token>()
    }

    /// The bytes of the memory for a row of units.
    pub(super) fn unit_stride(&self) -> usize {
        self.layout.channels[0].blocks.1 * self.stride()
    }

    /// Decodes the whole, and makes `memory` large enough for it.
    ///
    /// # Errors
    /// If it is damaged, or of a kind that is not read here.
    pub fn decode(&self, jpeg: &[u8], memory: &mut Vec<u8>) -> Result<()> {
        let whole = Part {
            scan: self,
            jpeg,
            share: self.layout.whole(),
            out: self.make_room(memory),
        };
        whole.decode()
    }

    /// Returns the memory for all rows of units.
    fn make_room<'a>(&self, memory: &'a mut Vec<u8>) -> &'a mut [u8] {
        let length = self.layout.units().1 * self.unit_stride();
        // It is not cut off, so that nothing has to be filled with zeros for the next photo.
        if memory.len() < length {
            *memory = codec::memory(std::mem::take(memory), length);
        }
        &mut memory[..length]
    }

    /// Divides the scan into a part for each worker, and makes `memory` large enough for all parts.
    /// Returns no parts if it has to be decoded as a whole.
    pub fn parts<'a>(
        &'a self,
        jpeg: &'a [u8],
        header: &Header,
        workers: usize,
        memory: &'a mut Vec<u8>,
    ) -> Vec<Part<'a>> {
        let shares = self.layout.shares(header, workers);
        let mut rest = match shares.is_empty() {
            true => &mut [],
            false => self.make_room(memory),
        };
        let part = |share| {
            let length = self.layout.rows(&share) * self.unit_stride();
            let out;
            (out, rest) = std::mem::take(&mut rest).split_at_mut(length);
            Part {
                scan: self,
                jpeg,
                share,
                out,
            }
        };
        shares.into_iter().map(part).collect()
    }

    /// Makes a picture of memory that it was decoded to, or all its [parts](Self::parts).
    pub fn joined(&self, memory: Vec<u8>) -> Frequencies {
        Frequencies {
            memory,
            rows: self.layout.height.div_ceil(8),
            stride: self.stride(),
            divisors: self.divisors,
        }
    }
}

impl Part<'_> {
    /// Decodes the part.
    ///
    /// # Errors
    /// If it is damaged, or of a kind that is not read here.
    pub fn decode(self) -> Result<()> {
        let stride = self.scan.unit_stride();
        let mut whole = Whole(self.out.chunks_exact_mut(stride).collect());
        self.scan.read_share(self.jpeg, &self.share, &mut whole)
    }
}

/// Where the tokens of units go.
pub(super) trait Memory {
    /// Returns the memory for this row of units, counted from the first that is read.
    fn row(&mut self, row: usize) -> &mut [u8];
}

/// All rows, in memory that is there.
struct Whole<'a>(Vec<&'a mut [u8]>);

impl Memory for Whole<'_> {
    fn row(&mut self, row: usize) -> &mut [u8] {
        self.0[row]
    }
}

impl Scan {
    /// Reads a share, which is whole rows of units.
    pub(super) fn read_share(
        &self,
        jpeg: &[u8],
        share: &Share<'_>,
        memory: &mut impl Memory,
    ) -> Result<()> {
        let (across, _) = self.layout.units();
        let reader = Reader::new(&self.layout)?;
        let unread = self.layout.read_intervals(jpeg, share, |bytes, units| {
            let mut bits = Bits::new(bytes);
            let (mut next, mut before) = (units.start, 0);
            while next < units.end {
                let x = next % across;
                let count = (across - x).min(units.end - next);
                let out = memory.row((next - share.units.start) / across);
                reader.units(&mut bits, count, x == 0, &mut before, out)?;
                // Behind the end there are zeros, which are codes of something, too.
                if bits.is_over() {
                    bail!(MISSING);
                }
                next += count;
            }
            Ok(bits.unread())
        })?;
        ensure!(unread == 0, UNREAD);
        Ok(())
    }
}

/// Reads units from left to right.
struct Reader<'a> {
    /// The codes of each channel, for the first coefficient of a block and for the others, and the
    /// number of its blocks in a unit.
    channels: Vec<(&'a Table, &'a Table, usize)>,
    /// The blocks of luma in a unit, across and down.
    blocks: (usize, usize),
}

impl<'a> Reader<'a> {
    fn new(layout: &'a Layout) -> Result<Self> {
        let channels = layout.channels.iter().map(|channel| {
            let (first, others) = layout.codes(channel)?;
            Ok((first, others, channel.blocks.0 * channel.blocks.1))
        });
        Ok(Self {
            channels: channels.collect::<Result<_>>()?,
            blocks: layout.channels[0].blocks,
        })
    }

    /// Reads so many units into the memory for a row of units.
    fn units(
        &self,
        bits: &mut Bits<'_>,
        count: usize,
        is_first: bool,
        before: &mut i32,
        out: &mut [u8],
    ) -> Result<()> {
        let [(first, others, _), colours @ ..] = &self.channels[..] else {
            bail!("no channel");
        };
        let rows = out.chunks_exact_mut(out.len() / self.blocks.1);
        let rows = rows.map(|row| Row::open(row, is_first));
        let mut rows = rows.collect::<Option<Vec<_>>>().context("no memory")?;
        for _ in 0..count {
            for row in &mut rows {
                for _ in 0..self.blocks.0 {
                    let rest = row.tokens.get_mut(row.next..).unwrap_or_default();
                    let block = rest.first_chunk_mut().context(FULL)?;
                    row.next += luma(bits, first, others, before, block)?;
                }
            }
            for (first, others, blocks) in colours {
                for _ in 0..*blocks {
                    bits.next(first)?;
                    bits.pass_rest(others, 1)?;
                }
            }
        }
        rows.into_iter().for_each(Row::close);
        Ok(())
    }
}

/// A row of blocks that is being read.
struct Row<'a> {
    /// The number of tokens, once it is closed.
    length: &'a mut [u8; LENGTH],
    tokens: &'a mut [Token],
    next: usize,
}

impl<'a> Row<'a> {
    fn open(memory: &'a mut [u8], is_new: bool) -> Option<Self> {
        let (length, tokens) = memory.split_first_chunk_mut()?;
        Some(Self {
            next: match is_new {
                true => 0,
                false => u32::from_le_bytes(*length) as usize,
            },
            length,
            tokens: tokens.as_chunks_mut().0,
        })
    }

    fn close(self) {
        *self.length = (self.next as u32).to_le_bytes();
    }
}

/// Reads a block. Returns the number of its tokens. `before` is the mean of the block before, which
/// becomes that of this one.
#[inline(always)]
fn luma(
    bits: &mut Bits<'_>,
    first: &Table,
    others: &Table,
    before: &mut i32,
    out: &mut [Token; MOST_TOKENS],
) -> Result<usize> {
    *before = before.wrapping_add(bits.next(first)?.1);
    out[0] = i16::try_from(*before)?.to_le_bytes();
    let (mut index, mut length) = (1, 1);
    while index < 64 {
        let (symbol, value) = bits.symbol(others)?;
        if symbol == END_OF_BLOCK {
            break;
        }
        index += usize::from(symbol >> 4) + 1;
        if index > 64 {
            bail!(FULL);
        }
        let token = u16::from(symbol >> 4) << 12 | value as u16 & 0xfff;
        out[length] = token.to_le_bytes();
        length += 1;
    }
    out[length] = [0; 2];
    Ok(length + 1)
}
