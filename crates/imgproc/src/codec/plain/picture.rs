//! The scans of a JPEG, one after the other.

use std::ops::Range;

use anyhow::{Context, Result, bail};

use super::arithmetic::{self, Conditions};
use super::blocks::{self, Before, Block, Coefficients, Share};
use super::{DAMAGED, lossless};
use crate::codec::blocks::Strips;
use crate::codec::entropy::{Bits, Table, divisors, tables_of_codes, unstuffed};
use crate::codec::header::{self, Header};
use crate::codec::jpeg::{
    self, END_OF_IMAGE, HUFFMAN_TABLES, QUANTIZATION_TABLES, RESTART_0, RESTART_7,
    RESTART_INTERVAL, START_OF_SCAN, next_marker, segment_end,
};
use crate::codec::memory;

/// The segment of what arithmetic coding depends on.
const CONDITIONS: u8 = 0xcc;
/// The most scans of a picture. Usual ones have ten, and each coefficient of three channels could
/// have one of its own. More would take long.
const MOST_SCANS: usize = 250;

/// A channel of a picture, with what its scans have told so far.
pub struct Channel {
    /// The blocks in a row, those included that are there to fill a unit.
    stride: usize,
    blocks: Vec<Coefficients>,
    /// For each block, [which coefficients were read](Block::known).
    known: Vec<u64>,
    /// Those of the first scan, in the order of the file.
    divisors: Option<[u16; 64]>,
    /// Of a lossless JPEG, which has no blocks.
    pub samples: Vec<u8>,
}

impl Channel {
    /// Returns the samples, in the memory of `spare`, if the channel was in any scan.
    pub fn plane(&self, [width, height]: [usize; 2], spare: Vec<u8>) -> Option<Vec<u8>> {
        let mut strips = Strips::new(self.divisors.as_ref()?);
        let mut plane = memory(spare, width * height);
        let rows = plane.chunks_mut(8 * width);
        let blocks = self.blocks.chunks_exact(self.stride);
        for ((out, blocks), known) in rows.zip(blocks).zip(self.known.chunks_exact(self.stride)) {
            let mut blocks = blocks.iter().zip(known);
            strips.row(width, out, |place| {
                if let Some((block, known)) = blocks.next() {
                    blocks::places(*known, |index| place.put(index, block[index]));
                }
            });
        }
        Some(plane)
    }
}

/// What is known of a picture while its file is read from the start to the end.
pub struct Picture<'a> {
    header: &'a Header,
    pub channels: Vec<Channel>,
    divisors: [Option<[u16; 64]>; 4],
    /// The codes of the first coefficients, and of the others.
    codes: [[Option<Table>; 4]; 2],
    conditions: [Conditions; 4],
    /// How many channels are wanted. Scans of others are passed over.
    wanted: usize,
    /// The units between two restart markers, or 0.
    interval: usize,
    /// The bytes in the data of scans that [belong to no block](crate::codec::entropy::UNREAD).
    pub unread: usize,
}

impl<'a> Picture<'a> {
    /// Prepares the reading of a picture, of which so many channels are wanted.
    pub fn new(header: &'a Header, wanted: usize) -> Self {
        let channel = |(index, of): (usize, &header::Channel)| {
            let [columns, rows] = header.units();
            let stride = columns * usize::from(of.across);
            let blocks = match header.is_lossless() {
                true => 0,
                // All blocks of a channel that is not wanted have one place.
                false if index >= wanted => 1,
                false => stride * rows * usize::from(of.down),
            };
            Channel {
                stride,
                blocks: vec![[0; 64]; blocks],
                known: vec![0; blocks],
                divisors: None,
                samples: Vec::new(),
            }
        };
        Self {
            header,
            channels: header.channels().iter().enumerate().map(channel).collect(),
            divisors: Default::default(),
            codes: Default::default(),
            conditions: Default::default(),
            wanted,
            interval: 0,
            unread: 0,
        }
    }

    /// Reads all scans.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn read(&mut self, jpeg: &[u8]) -> Result<()> {
        let (mut next, mut scans) = (2, 0);
        loop {
            let (kind, at) = next_marker(jpeg, next).context(DAMAGED)?;
            if kind == END_OF_IMAGE {
                return Ok(());
            }
            next = segment_end(jpeg, at).context(DAMAGED)?;
            let data = jpeg::data(jpeg, at);
            match kind {
                QUANTIZATION_TABLES => divisors(data, |number, values| {
                    *self.divisors.get_mut(number).context(DAMAGED)? = Some(values);
                    Ok(())
                })?,
                HUFFMAN_TABLES => tables_of_codes(data, |class, number, counts, symbols| {
                    let class = self.codes.get_mut(usize::from(class));
                    let place = class.and_then(|of| of.get_mut(number));
                    *place.context(DAMAGED)? = Some(Table::new(counts, symbols)?);
                    Ok(())
                })?,
                CONDITIONS => {
                    for of in data.chunks_exact(2) {
                        let conditions = self.conditions.get_mut(usize::from(of[0] & 15));
                        let conditions = conditions.context(DAMAGED)?;
                        match of[0] >> 4 {
                            0 => conditions.small = (of[1] & 15, of[1] >> 4),
                            _ => conditions.low = of[1],
                        }
                    }
                }
                RESTART_INTERVAL => {
                    let interval = data.first_chunk().context(DAMAGED)?;
                    self.interval = u16::from_be_bytes(*interval).into();
                }
                START_OF_SCAN => {
                    scans += 1;
                    if scans > MOST_SCANS {
                        bail!(DAMAGED);
                    }
                    let (intervals, end) = intervals(jpeg, next).context(DAMAGED)?;
                    self.read_scan(data, intervals.iter().map(|of| &jpeg[of.clone()]))?;
                    next = end;
                }
                _ => {}
            }
        }
    }

    /// Reads a scan: the data of its header (T.81, B.2.3), and that between restart markers.
    fn read_scan<'b>(
        &mut self,
        head: &[u8],
        intervals: impl ExactSizeIterator<Item = &'b [u8]>,
    ) -> Result<()> {
        let (count, rest) = head.split_first().context(DAMAGED)?;
        let (names, rest) = rest
            .split_at_checked(2 * usize::from(*count))
            .context(DAMAGED)?;
        let [first, last, bits] = rest.first_chunk().context(DAMAGED)?;
        let mut parts = Vec::new();
        for of in names.chunks_exact(2) {
            let mut all = self.header.channels().iter();
            let channel = all.position(|channel| channel.name == of[0]);
            let codes =
                |class: usize, number: u8| self.codes[class].get(usize::from(number))?.as_ref();
            let codes = (codes(0, of[1] >> 4), codes(1, of[1] & 15));
            let numbers = [of[1] >> 4, of[1] & 15];
            parts.push((channel.context(DAMAGED)?, codes, numbers));
        }
        if parts.iter().all(|(index, ..)| *index >= self.wanted) {
            return Ok(());
        }
        if self.header.is_lossless() {
            let codes = parts
                .iter()
                .map(|(_, codes, _)| codes.0)
                .collect::<Option<Vec<_>>>();
            let codes = codes.context(DAMAGED)?;
            let size = self.header.size();
            // Restart markers are between rows.
            if !self.interval.is_multiple_of(size[0]) {
                bail!(DAMAGED);
            }
            let rows = match self.interval {
                0 => size[1],
                interval => interval / size[0],
            };
            let intervals = intervals.zip((0..size[1]).step_by(rows));
            let planes = lossless::decode(size, &codes, (*first, bits & 15), rows, intervals)?;
            for ((index, ..), samples) in parts.iter().zip(planes) {
                self.channels[*index].samples = samples;
            }
            return Ok(());
        }
        let share = match self.header.is_sequential() {
            true => Share {
                first: 0,
                last: 63,
                refines: false,
                low: 0,
            },
            false => Share {
                first: (*first).into(),
                last: (*last).into(),
                refines: bits >> 4 > 0,
                low: bits & 15,
            },
        };
        // Scans that refine each other have means alone, or other coefficients of one channel
        // (T.81, G.1.1.1.1).
        let is_mixed = share.last > 0 && (share.first == 0 || parts.len() > 1);
        let is_wrong = is_mixed && !self.header.is_sequential();
        if is_wrong || share.first > share.last || share.last > 63 || share.low > 13 {
            bail!(DAMAGED);
        }
        for (index, ..) in &parts {
            let channel = &mut self.channels[*index];
            if channel.divisors.is_none() {
                let table = self.header.channels()[*index].table;
                channel.divisors = self.divisors.get(usize::from(table)).copied().flatten();
            }
        }
        // A unit has all blocks of its channels that belong to the same pixels. With one channel
        // it is one block, and there are none that only fill a unit.
        let alone = parts.len() == 1;
        let [across, down] = match alone {
            true => self.header.size_of(parts[0].0).map(|side| side.div_ceil(8)),
            false => self.header.units(),
        };
        let units = across * down;
        let each = if self.interval == 0 {
            units
        } else {
            self.interval
        };
        if intervals.len() < units.div_ceil(each) {
            bail!(DAMAGED);
        }
        // The blocks of each channel in a unit, across and down.
        let size = |(index, ..): &(usize, _, _)| {
            let of = self.header.channels()[*index];
            match alone {
                true => [1, 1],
                false => [usize::from(of.across), usize::from(of.down)],
            }
        };
        let sizes: Vec<_> = parts.iter().map(size).collect();
        let is_arithmetic = self.header.is_arithmetic();
        for (data, start) in intervals.zip((0..units).step_by(each)) {
            let bytes = unstuffed(data);
            let (mut bits, mut arithmetic) = (Bits::new(&bytes), arithmetic::Decoder::new(&bytes));
            let mut before: Vec<_> = parts.iter().map(|_| Before::default()).collect();
            let (mut column, mut row) = (start % across, start / across);
            for _ in start..(start + each).min(units) {
                for (((index, codes, numbers), size), before) in
                    parts.iter().zip(&sizes).zip(&mut before)
                {
                    let (is_wanted, channel) = (*index < self.wanted, &mut self.channels[*index]);
                    for y in row * size[1]..(row + 1) * size[1] {
                        for x in column * size[0]..(column + 1) * size[0] {
                            let place = if is_wanted { y * channel.stride + x } else { 0 };
                            let mut block = Block {
                                coefficients: &mut channel.blocks[place],
                                known: &mut channel.known[place],
                            };
                            match is_arithmetic {
                                true => {
                                    arithmetic.block(
                                        *numbers,
                                        &self.conditions,
                                        before,
                                        &mut block,
                                    )?;
                                }
                                false => {
                                    blocks::read(&mut bits, share, *codes, before, &mut block)?
                                }
                            }
                        }
                    }
                }
                column += 1;
                if column == across {
                    (column, row) = (0, row + 1);
                }
            }
            if bits.is_over() {
                bail!(DAMAGED);
            }
            self.unread += match is_arithmetic {
                true => arithmetic.unread(),
                false => bits.unread(),
            };
        }
        Ok(())
    }
}

/// Returns the places of the data between restart markers, and the marker behind the scan.
fn intervals(jpeg: &[u8], mut start: usize) -> Option<(Vec<Range<usize>>, usize)> {
    let mut intervals = Vec::new();
    loop {
        let (kind, at) = next_marker(jpeg, start)?;
        intervals.push(start..at);
        match kind {
            RESTART_0..=RESTART_7 => start = at + 2,
            _ => return Some((intervals, at)),
        }
    }
}
