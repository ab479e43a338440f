//! The codes of a JPEG to the pixels of its luma, in two steps: codes to coefficients, and these to
//! pixels.
//!
//! Where a code begins is known when the one before it was read. So codes are read by one worker,
//! if there are no restart markers. But as soon as it has the coefficients of a band, any other can
//! make pixels of them: a pipeline of two stages.

use std::slice::ChunksMut;
use std::sync::Arc;

use anyhow::Result;
use crossbeam::queue::SegQueue;

use super::read::{Memory, Scan};
use super::tokens;
use crate::codec::blocks::Strips;
use crate::codec::entropy::Share;
use crate::codec::header::Header;

/// Rows of pixels in a band: a whole number of JPEG's units.
const BAND: usize = 128;

/// Whole rows of units, and the memory for their pixels.
pub struct Luma<'a> {
    scan: &'a Scan,
    jpeg: &'a [u8],
    share: Share<'a>,
    pixels: &'a mut [u8],
}

/// The coefficients of a band, and the memory for its pixels.
pub struct Band<'a> {
    scan: &'a Scan,
    /// For each row of blocks, the tokens as in [`Frequencies`](super::Frequencies).
    memory: Vec<u8>,
    spare: Arc<SegQueue<Vec<u8>>>,
    pixels: &'a mut [u8],
}

impl Scan {
    /// The whole picture, in memory for its pixels.
    pub fn luma<'a>(&'a self, jpeg: &'a [u8], pixels: &'a mut [u8]) -> Luma<'a> {
        Luma {
            scan: self,
            jpeg,
            share: self.layout.whole(),
            pixels,
        }
    }

    /// Divides the scan among so many workers, see [`Layout::shares`].
    ///
    /// [`Layout::shares`]: crate::codec::entropy::Layout::shares
    pub fn shares(&self, header: &Header, workers: usize) -> Vec<Share<'_>> {
        self.layout.shares(header, workers)
    }

    /// Divides the picture, in memory for its pixels, into a part for each share.
    pub fn luma_parts<'a>(
        &'a self,
        jpeg: &'a [u8],
        shares: Vec<Share<'a>>,
        mut pixels: &'a mut [u8],
    ) -> Vec<Luma<'a>> {
        let height = 8 * self.layout.channels[0].blocks.1;
        let part = |share| {
            let length = self.layout.rows(&share) * height * self.layout.width;
            // The last row of units may be cut off.
            let length = length.min(pixels.len());
            let own;
            (own, pixels) = std::mem::take(&mut pixels).split_at_mut(length);
            Luma {
                scan: self,
                jpeg,
                share,
                pixels: own,
            }
        };
        shares.into_iter().map(part).collect()
    }
}

impl<'a> Luma<'a> {
    /// Reads the codes, and passes on each band when its last code was read.
    ///
    /// # Errors
    /// If they are damaged.
    pub fn read(self, each: impl FnMut(Band<'a>)) -> Result<()> {
        let mut bands = Bands {
            scan: self.scan,
            rest: self.pixels.chunks_mut(BAND * self.scan.layout.width),
            rows: BAND / 8 / self.scan.layout.channels[0].blocks.1,
            first: 0,
            memory: Vec::new(),
            spare: Arc::default(),
            each,
        };
        self.scan.read_share(self.jpeg, &self.share, &mut bands)?;
        bands.pass_on();
        Ok(())
    }
}

/// The memory of one band after the other.
struct Bands<'a, F> {
    scan: &'a Scan,
    rest: ChunksMut<'a, u8>,
    /// Rows of units in a band.
    rows: usize,
    /// The first row of units in this band.
    first: usize,
    memory: Vec<u8>,
    /// The memory of bands that became pixels. New memory would have to be filled with zeros.
    spare: Arc<SegQueue<Vec<u8>>>,
    each: F,
}

impl<'a, F: FnMut(Band<'a>)> Bands<'a, F> {
    fn pass_on(&mut self) {
        let memory = std::mem::take(&mut self.memory);
        if let Some(pixels) = self.rest.next() {
            (self.each)(Band {
                scan: self.scan,
                memory,
                spare: Arc::clone(&self.spare),
                pixels,
            });
        }
    }
}

impl<'a, F: FnMut(Band<'a>)> Memory for Bands<'a, F> {
    fn row(&mut self, row: usize) -> &mut [u8] {
        let stride = self.scan.unit_stride();
        if row == self.first + self.rows {
            self.pass_on();
            self.first = row;
        }
        if self.memory.is_empty() {
            let new = || vec![0; self.rows * stride];
            self.memory = self.spare.pop().unwrap_or_else(new);
        }
        &mut self.memory[(row - self.first) * stride..][..stride]
    }
}

impl Band<'_> {
    /// Makes the pixels.
    pub fn transform(self) {
        let width = self.scan.layout.width;
        let rows = self.pixels.chunks_mut(8 * width);
        let memory = self.memory.chunks_exact(self.scan.stride());
        let mut strips = Strips::new(&self.scan.divisors);
        for (out, memory) in rows.zip(memory) {
            let mut next = tokens(memory)
                .iter()
                .map(|token| u16::from_le_bytes(*token));
            strips.row(width, out, |block| {
                block.put(0, next.next().unwrap_or_default() as i16);
                let mut index = 0;
                for token in next.by_ref().take_while(|token| *token != 0) {
                    index += usize::from(token >> 12) + 1;
                    block.put(index, (token << 4) as i16 >> 4);
                }
            });
        }
        self.spare.push(self.memory);
    }
}
