//! The blocks of a JPEG in one scan to samples: at full size, or at a fraction of it.
//!
//! Blocks that lie beside each other are read into a strip, and then transformed together, as
//! vector instructions need it.

mod transform;

use std::ops::Range;

use anyhow::{Result, bail};

use super::entropy::{Bits, Channel, END, FULL, Layout, MISSING, Share, Table};
use transform::{BLOCKS, DROPPED, Place, Rows, Strip};
pub use transform::{Eight, Four, One, Size, Two};

/// Memory for the samples of a channel, in whole rows of units.
pub struct Plane<'a> {
    /// The samples in a row.
    pub stride: usize,
    /// The rows.
    pub samples: &'a mut [u8],
}

/// Returns the samples in a row of a channel, and the number of rows, where each block becomes `n`
/// samples across and down. Both are whole blocks.
pub fn size_of(layout: &Layout, channel: &Channel, n: usize) -> (usize, usize) {
    let (across, down) = layout.units();
    let (x, y) = channel.blocks;
    (across * x * n, down * y * n)
}

/// Decodes a share of a scan, in whole rows of units, for which `planes` has the memory. Returns
/// the number of bytes that [belong to no block](super::entropy::UNREAD).
///
/// # Errors
/// If the data are damaged, or some are missing.
pub fn decode<S: Size>(
    layout: &Layout,
    jpeg: &[u8],
    share: &Share<'_>,
    planes: &mut [Plane<'_>],
) -> Result<usize> {
    let mut scan = Scan::<S>::new(layout, share.units.start / layout.units().0)?;
    layout.read_intervals(jpeg, share, |bytes, units| {
        scan.interval(bytes, units, planes)
    })
}

/// Takes out what is behind the first `width` samples of each row, and below the first `height`
/// rows.
pub fn cut(samples: &mut Vec<u8>, stride: usize, (width, height): (usize, usize)) {
    if width < stride {
        for row in 1..height {
            let start = row * stride;
            samples.copy_within(start..start + width, row * width);
        }
    }
    samples.truncate(width * height);
}

/// Decodes units of a scan, as many as fit into a strip at a time.
struct Scan<'a, S> {
    layout: &'a Layout,
    top: usize,
    /// The codes of each channel, for the first coefficient of a block and for the others.
    codes: Vec<(&'a Table, &'a Table)>,
    places: Vec<[Place; 64]>,
    /// The strips of each channel, from top to bottom.
    strips: Vec<Vec<Strip>>,
    rows: Rows,
    size: std::marker::PhantomData<S>,
}

impl<'a, S: Size> Scan<'a, S> {
    /// Prepares the decoding into planes whose first row of units is this one of the scan.
    fn new(layout: &'a Layout, top: usize) -> Result<Self> {
        let codes = |channel| layout.codes(channel);
        let places = |channel| Ok(S::places(layout.divisors(channel)?));
        let strips = |channel: &Channel| vec![[[0.0; BLOCKS]; DROPPED + 1]; channel.blocks.1];
        Ok(Self {
            layout,
            top,
            codes: layout.channels.iter().map(codes).collect::<Result<_>>()?,
            places: layout.channels.iter().map(places).collect::<Result<_>>()?,
            strips: layout.channels.iter().map(strips).collect(),
            rows: [[0; BLOCKS]; 16],
            size: std::marker::PhantomData,
        })
    }

    /// Decodes the units of a restart interval. Returns the number of bytes behind them.
    fn interval(
        &mut self,
        bytes: &[u8],
        units: Range<usize>,
        planes: &mut [Plane<'_>],
    ) -> Result<usize> {
        let mut bits = Bits::new(bytes);
        let mut before = [0; 4];
        let across = self.layout.units().0;
        let most = BLOCKS / self.layout.channels[0].blocks.0;
        let mut next = units.start;
        while next < units.end {
            let (x, y) = (next % across, next / across);
            let count = most.min(across - x).min(units.end - next);
            let last = self.read(&mut bits, count, &mut before)?;
            // Behind the end there are zeros, which are codes of something, too.
            if bits.is_over() {
                bail!(MISSING);
            }
            self.transform((x, y - self.top), count, last, planes);
            next += count;
        }
        Ok(bits.unread())
    }

    /// Reads the coefficients of so many units. Returns, for each channel, the place of the last
    /// one that is not 0 in the file's order.
    fn read(
        &mut self,
        bits: &mut Bits<'_>,
        count: usize,
        before: &mut [i32; 4],
    ) -> Result<[usize; 4]> {
        for strip in self.strips.iter_mut().flatten() {
            strip[..S::SAMPLES * S::SAMPLES]
                .as_flattened_mut()
                .fill(0.0);
        }
        let mut last = [0; 4];
        for unit in 0..count {
            let each = self
                .layout
                .channels
                .iter()
                .zip(&self.codes)
                .zip(&self.places);
            let each = each
                .zip(&mut self.strips)
                .zip(before.iter_mut().zip(&mut last));
            for ((((channel, (first, others)), places), strips), (before, last)) in each {
                for strip in strips {
                    for x in 0..channel.blocks.0 {
                        // Of the first coefficient, the difference to the block before.
                        *before = before.wrapping_add(bits.next(first)?.1);
                        let at = unit * channel.blocks.0 + x;
                        strip[0][at] = *before as f32 * places[0].factor;
                        *last = (*last).max(block::<S>(bits, others, places, strip, at)?);
                    }
                }
            }
        }
        Ok(last)
    }

    /// Makes samples of so many units, of which the first is at the place `unit`.
    fn transform(
        &mut self,
        unit: (usize, usize),
        count: usize,
        last: [usize; 4],
        planes: &mut [Plane<'_>],
    ) {
        let each = self.layout.channels.iter().zip(&mut self.strips);
        for (((channel, strips), plane), last) in each.zip(planes).zip(last) {
            let (across, down) = channel.blocks;
            let left = unit.0 * across * S::SAMPLES;
            for (y, strip) in (unit.1 * down..).zip(strips) {
                let out = &mut plane.samples[y * S::SAMPLES * plane.stride..];
                S::blocks(strip, last, &mut self.rows);
                let columns = left..left + count * across * S::SAMPLES;
                write::<S>(&self.rows, out, plane.stride, columns);
            }
        }
    }
}

/// Writes these columns of a strip's samples into memory that has `stride` samples in a row, and
/// may have fewer rows.
#[inline(always)]
fn write<S: Size>(rows: &Rows, out: &mut [u8], stride: usize, columns: Range<usize>) {
    let words = rows.chunks_exact(S::WORDS).take(S::SAMPLES);
    for (words, out) in words.zip(out.chunks_mut(stride)) {
        let samples = |at: usize| {
            let mut bytes = [0; 8];
            for (word, four) in words.iter().zip(bytes.as_chunks_mut().0) {
                *four = word[at % BLOCKS].to_le_bytes();
            }
            bytes
        };
        let mut blocks = out[columns.clone()].chunks_exact_mut(S::SAMPLES);
        let mut count = 0;
        for out in &mut blocks {
            out.copy_from_slice(&samples(count)[..S::SAMPLES]);
            count += 1;
        }
        let rest = blocks.into_remainder();
        rest.copy_from_slice(&samples(count)[..rest.len()]);
    }
}

/// Makes samples of blocks whose coefficients are known, at full size.
pub struct Strips {
    places: [Place; 64],
    strip: Box<Strip>,
    rows: Rows,
}

/// A block whose coefficients are being put into a strip.
pub struct Block<'a> {
    places: &'a [Place; 64],
    strip: &'a mut Strip,
    at: usize,
    last: usize,
}

impl Strips {
    /// Prepares the transform for coefficients with these divisors.
    pub fn new(divisors: &[u16; 64]) -> Self {
        Self {
            places: Eight::places(divisors),
            strip: Box::new([[0.0; BLOCKS]; DROPPED + 1]),
            rows: [[0; BLOCKS]; 16],
        }
    }

    /// Makes a row of blocks, 8 rows of pixels or fewer, from left to right. `fill` puts the
    /// coefficients into each block.
    #[inline(always)]
    pub fn row(&mut self, width: usize, out: &mut [u8], mut fill: impl FnMut(&mut Block<'_>)) {
        for left in (0..width).step_by(8 * BLOCKS) {
            let columns = left..(left + 8 * BLOCKS).min(width);
            self.strip.as_flattened_mut().fill(0.0);
            let mut last = 0;
            for at in 0..columns.len().div_ceil(8) {
                let mut block = Block {
                    places: &self.places,
                    strip: &mut self.strip,
                    at,
                    last,
                };
                fill(&mut block);
                last = block.last;
            }
            Eight::blocks(&mut self.strip, last, &mut self.rows);
            write::<Eight>(&self.rows, out, width, columns);
        }
    }
}

impl Block<'_> {
    /// Puts a coefficient in its place, which is given in the file's order.
    #[inline(always)]
    pub fn put(&mut self, index: usize, value: i16) {
        let place = self.places[index % 64];
        self.strip[place.row.min(DROPPED)][self.at % BLOCKS] = f32::from(value) * place.factor;
        self.last = self.last.max(index);
    }
}

/// Reads the coefficients of a block but the first one, and puts those that are needed into the
/// strip's column `at`. Returns the place of the last of these in the file's order.
#[inline(always)]
fn block<S: Size>(
    bits: &mut Bits<'_>,
    codes: &Table,
    places: &[Place; 64],
    strip: &mut Strip,
    at: usize,
) -> Result<usize> {
    let (mut index, mut last) = (1, 0);
    while index < S::NEEDED {
        let (count, value) = bits.next(codes)?;
        index += count;
        match places.get(index - 1) {
            Some(place) => {
                strip[place.row.min(DROPPED)][at % BLOCKS] = value as f32 * place.factor;
                last = index - 1;
            }
            None if count == END => return Ok(last),
            None => bail!(FULL),
        }
    }
    bits.pass_rest(codes, index)?;
    Ok(last)
}
