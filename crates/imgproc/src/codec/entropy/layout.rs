//! The tables that a JPEG's scan is read with (T.81, B.2.4).

use std::ops::Range;

use anyhow::{Context, Result, bail};

use super::huffman::{Bits, Table};
use super::{MISSING, unstuffed};
use crate::codec::header::{self, Header, Scans};
use crate::codec::jpeg::{HUFFMAN_TABLES, QUANTIZATION_TABLES, data, segments};

const TOO_MANY: &str = "too many tables";

/// Whether a symbol is one of a picture of 8 bits: some zeros, and a coefficient of 1 to 10 bits;
/// the end of a block; or 16 zeros (T.81, F.1.2.2.1).
fn is_usual(symbol: &u8) -> bool {
    matches!(symbol & 15, 1..=10) || matches!(*symbol, 0 | 0xf0)
}

/// One of the colours of a picture.
#[derive(Debug)]
pub struct Channel {
    /// The number of its blocks across and down, in each unit of the scan.
    pub blocks: (usize, usize),
    /// Its divisors.
    quantization: usize,
    /// Its tables of codes, for the first coefficients and for the others.
    tables: (usize, usize),
}

/// A part of a scan: restart intervals, and their units.
#[derive(Debug)]
pub struct Share<'a> {
    intervals: &'a [Range<usize>],
    pub units: Range<usize>,
}

/// A picture whose header was read.
#[derive(Debug)]
pub struct Layout {
    pub width: usize,
    pub height: usize,
    /// Luma, or luma and the two others, or four inks.
    pub channels: Vec<Channel>,
    /// The number of units between two restart markers, or 0.
    interval: usize,
    /// The places of the restart intervals in the file.
    intervals: Vec<Range<usize>>,
    quantization: [Option<[u16; 64]>; 4],
    first: [Option<Table>; 4],
    others: [Option<Table>; 4],
}

impl Layout {
    /// Reads the tables of a JPEG with a single scan of one channel, or of several of which the
    /// first has one or two blocks across and down in a unit, and with the usual symbols. Returns
    /// nothing for the other kinds.
    ///
    /// # Errors
    /// If a table is damaged or missing.
    pub fn read(jpeg: &[u8], header: &Header, scans: &Scans) -> Result<Option<Self>> {
        let Some(at) = header.scan.filter(|_| header.is_sequential()) else {
            return Ok(None);
        };
        let is_read = match header.channels().len() {
            1 => true,
            3 | 4 => header.shares_as_usual(),
            _ => false,
        };
        let first = scans.intervals.first().map(|interval| interval.start);
        let is_only_scan = first.is_some() && header.data_start(jpeg) == first;
        if !is_read || !header.interleaved || !is_only_scan {
            return Ok(None);
        }
        let each = header
            .channels()
            .iter()
            .zip(data(jpeg, at)[1..].chunks_exact(2));
        let channel = |(channel, of): (&header::Channel, &[u8])| Channel {
            // A scan of one channel has a block in each unit, whatever the frame says.
            blocks: match header.channels().len() {
                1 => (1, 1),
                _ => (channel.across.into(), channel.down.into()),
            },
            quantization: channel.table.into(),
            tables: (usize::from(of[1] >> 4), usize::from(of[1] & 15)),
        };
        if each.clone().any(|(channel, of)| channel.name != of[0]) {
            bail!("a scan of other channels");
        }
        let [width, height] = header.size();
        let mut layout = Self {
            width,
            height,
            channels: each.map(channel).collect(),
            interval: header.interval,
            intervals: scans.intervals.clone(),
            quantization: Default::default(),
            first: Default::default(),
            others: Default::default(),
        };
        for (kind, at) in segments(jpeg) {
            let data = data(jpeg, at);
            match kind {
                QUANTIZATION_TABLES => divisors(data, |number, values| {
                    let table = layout.quantization.get_mut(number);
                    *table.context(TOO_MANY)? = Some(values);
                    Ok(())
                })?,
                HUFFMAN_TABLES => tables_of_codes(data, |kind, number, counts, symbols| {
                    let tables = match kind {
                        0 => &mut layout.first,
                        _ => &mut layout.others,
                    };
                    let table = tables.get_mut(number).context(TOO_MANY)?;
                    *table = Some(Table::new(counts, symbols)?);
                    Ok(())
                })?,
                _ => {}
            }
        }
        // Other symbols are of no baseline picture, and decoders differ in what they make of them.
        let is_usual = |channel| {
            let (_, others) = layout.codes(channel)?;
            Ok(others.symbols().iter().all(is_usual))
        };
        let usual = layout.channels.iter().map(is_usual);
        let usual = usual.collect::<Result<Vec<_>>>()?;
        Ok(usual.iter().all(|usual| *usual).then_some(layout))
    }

    /// The divisors of a channel's coefficients, in the order of the file.
    ///
    /// # Errors
    /// If they are missing.
    pub fn divisors(&self, channel: &Channel) -> Result<&[u16; 64]> {
        let table = self.quantization.get(channel.quantization);
        table.and_then(Option::as_ref).context("missing divisors")
    }

    /// A channel's tables of codes, for the first coefficients of its blocks and for the others.
    ///
    /// # Errors
    /// If one is missing.
    pub fn codes(&self, channel: &Channel) -> Result<(&Table, &Table)> {
        let (first, others) = channel.tables;
        let first = self.first.get(first).and_then(Option::as_ref);
        let others = self.others.get(others).and_then(Option::as_ref);
        first.zip(others).context("missing codes")
    }

    /// The number of units across, and down.
    pub fn units(&self) -> (usize, usize) {
        let (across, down) = self.channels[0].blocks;
        (
            self.width.div_ceil(8 * across),
            self.height.div_ceil(8 * down),
        )
    }

    /// The whole scan.
    pub fn whole(&self) -> Share<'_> {
        let (across, down) = self.units();
        Share {
            intervals: &self.intervals,
            units: 0..across * down,
        }
    }

    /// Divides the scan among so many workers, by whole rows of units. Returns nothing if it has to
    /// be read as a whole.
    pub fn shares(&self, header: &Header, workers: usize) -> Vec<Share<'_>> {
        let (across, down) = self.units();
        let Some((count, _)) = header.whole_rows() else {
            return Vec::new();
        };
        // The least number of rows that are whole intervals, and how many times there are as many.
        let rows = count * self.interval / across;
        let groups = self.intervals.chunks(count).len();
        let size = groups.div_ceil(workers);
        if groups != down.div_ceil(rows) || size == groups {
            return Vec::new();
        }
        let units = |start: usize| start * across..(start + size * rows).min(down) * across;
        let starts = (0..down).step_by(size * rows);
        let each = self.intervals.chunks(size * count).zip(starts);
        let share = |(intervals, start)| Share {
            intervals,
            units: units(start),
        };
        each.map(share).collect()
    }

    /// The rows of units in a share.
    pub fn rows(&self, share: &Share<'_>) -> usize {
        share.units.len() / self.units().0
    }

    /// Calls `read` with the data and the units of each restart interval of a share. It returns how
    /// many bytes [belong to no block](super::UNREAD), and this the number in all intervals.
    ///
    /// # Errors
    /// If there are too few intervals, and those of `read`.
    pub fn read_intervals(
        &self,
        jpeg: &[u8],
        share: &Share<'_>,
        mut read: impl FnMut(&[u8], Range<usize>) -> Result<usize>,
    ) -> Result<usize> {
        let Share { intervals, units } = share;
        let interval = match self.interval {
            0 => units.len(),
            interval => interval,
        };
        let (mut next, mut unread) = (units.start, 0);
        for place in *intervals {
            let end = units.end.min(next + interval);
            unread += read(&unstuffed(&jpeg[place.clone()]), next..end)?;
            next = end;
        }
        if next < units.end {
            bail!("restart markers are missing");
        }
        Ok(unread)
    }

    /// Passes over all codes of a share, without making anything of them. Returns the number of
    /// bytes that [belong to no block](super::UNREAD).
    ///
    /// # Errors
    /// If they are damaged, or some are missing.
    pub fn check(&self, jpeg: &[u8], share: &Share<'_>) -> Result<usize> {
        let codes = |of: &Channel| Ok((self.codes(of)?, of.blocks.0 * of.blocks.1));
        let codes: Vec<_> = self.channels.iter().map(codes).collect::<Result<_>>()?;
        self.read_intervals(jpeg, share, |bytes, units| {
            let mut bits = Bits::new(bytes);
            for _ in units {
                for ((first, others), blocks) in &codes {
                    for _ in 0..*blocks {
                        bits.next(first)?;
                        bits.pass_rest(others, 1)?;
                    }
                }
                // Behind the end there are zeros, which are codes of something, too.
                if bits.is_over() {
                    bail!(MISSING);
                }
            }
            Ok(bits.unread())
        })
    }
}

/// Calls `each` with the number and the divisors of each table in a segment (T.81, B.2.4.1).
///
/// # Errors
/// If a table is cut short, and those of `each`.
pub fn divisors(
    mut data: &[u8],
    mut each: impl FnMut(usize, [u16; 64]) -> Result<()>,
) -> Result<()> {
    while let [head, rest @ ..] = data {
        // 16 bits for each divisor, or 8.
        let bytes = if head >> 4 > 0 { 2 } else { 1 };
        let (divisors, rest) = rest.split_at_checked(64 * bytes).context("a short table")?;
        let value = |of: &[u8]| {
            of.iter()
                .fold(0, |value, byte| value << 8 | u16::from(*byte))
        };
        let mut values = [0; 64];
        for (value_of, of) in values.iter_mut().zip(divisors.chunks(bytes)) {
            *value_of = value(of);
        }
        each(usize::from(head & 15), values)?;
        data = rest;
    }
    Ok(())
}

/// Calls `each` with the tables of codes in a segment: 0 for codes of first coefficients, the
/// number, how many codes there are of each length, and their symbols (T.81, B.2.4.2).
///
/// # Errors
/// If a table is cut short, and those of `each`.
pub fn tables_of_codes(
    mut data: &[u8],
    mut each: impl FnMut(u8, usize, &[u8; 16], &[u8]) -> Result<()>,
) -> Result<()> {
    const SHORT: &str = "a short table of codes";
    while let [head, rest @ ..] = data {
        let (counts, rest) = rest.split_first_chunk().context(SHORT)?;
        let number = counts.iter().map(|count| usize::from(*count)).sum();
        let (symbols, rest) = rest.split_at_checked(number).context(SHORT)?;
        each(head >> 4, usize::from(head & 15), counts, symbols)?;
        data = rest;
    }
    Ok(())
}
