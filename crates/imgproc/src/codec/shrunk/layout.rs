//! The tables that a JPEG's scan is read with (T.81, B.2.4).

use anyhow::{Context, Result, bail};

use super::huffman::Table;
use crate::codec::header::{self, Header};
use crate::codec::jpeg::{
    HUFFMAN_TABLES, QUANTIZATION_TABLES, data, next_marker, segment_end, segments,
};

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

/// A picture whose header was read.
#[derive(Debug)]
pub struct Layout {
    pub width: usize,
    pub height: usize,
    /// Luma, or luma and the two others.
    pub channels: Vec<Channel>,
    /// The number of units between two restart markers, or 0.
    pub interval: usize,
    /// The offset of the compressed data.
    pub start: usize,
    quantization: [Option<[u16; 64]>; 4],
    first: [Option<Table>; 4],
    others: [Option<Table>; 4],
}

impl Layout {
    /// Reads the tables of a JPEG with a single scan of one channel, or of three of which the first
    /// has one or two blocks across and down in a unit. Returns nothing for the other kinds.
    ///
    /// # Errors
    /// If a table is damaged or missing.
    pub fn read(jpeg: &[u8], header: &Header) -> Result<Option<Self>> {
        let Some(at) = header.scan.filter(|_| header.is_sequential()) else {
            return Ok(None);
        };
        let is_read = match header.channels().len() {
            1 => true,
            3 => header.shares_as_usual(),
            _ => false,
        };
        if !is_read || !header.interleaved {
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
            start: segment_end(jpeg, at).context("a short scan")?,
            quantization: Default::default(),
            first: Default::default(),
            others: Default::default(),
        };
        for (kind, at) in segments(jpeg) {
            let data = data(jpeg, at);
            match kind {
                QUANTIZATION_TABLES => layout.read_quantization(data).context("a short table")?,
                HUFFMAN_TABLES => layout.read_codes(data)?,
                _ => {}
            }
        }
        Ok(Some(layout))
    }

    fn read_quantization(&mut self, mut data: &[u8]) -> Option<()> {
        while let [head, rest @ ..] = data {
            // 16 bits for each divisor, or 8.
            let bytes = if head >> 4 > 0 { 2 } else { 1 };
            let (divisors, rest) = rest.split_at_checked(64 * bytes)?;
            let value = |of: &[u8]| {
                of.iter()
                    .fold(0, |value, byte| value << 8 | u16::from(*byte))
            };
            let mut values = [0; 64];
            for (value_of, of) in values.iter_mut().zip(divisors.chunks(bytes)) {
                *value_of = value(of);
            }
            *self.quantization.get_mut(usize::from(head & 15))? = Some(values);
            data = rest;
        }
        Some(())
    }

    fn read_codes(&mut self, mut data: &[u8]) -> Result<()> {
        const SHORT: &str = "a short table of codes";
        while let [head, rest @ ..] = data {
            let (counts, rest) = rest.split_first_chunk().context(SHORT)?;
            let number = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(number).context(SHORT)?;
            let tables = if head >> 4 == 0 {
                &mut self.first
            } else {
                &mut self.others
            };
            let table = tables
                .get_mut(usize::from(head & 15))
                .context("too many tables")?;
            *table = Some(Table::new(counts, symbols)?);
            data = rest;
        }
        Ok(())
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

    /// The compressed data between restart markers, without the zeros that follow each byte of 255
    /// in a file.
    pub fn intervals(&self, jpeg: &[u8]) -> Vec<Vec<u8>> {
        let (mut intervals, mut bytes) = (Vec::new(), Vec::new());
        let mut rest = jpeg.get(self.start..).unwrap_or_default();
        loop {
            let end = next_marker(rest, 0).map_or(rest.len(), |(_, at)| at);
            let (mut data, behind) = rest.split_at(end);
            while let Some(at) = data.iter().position(|byte| *byte == 0xff) {
                bytes.extend_from_slice(&data[..=at]);
                data = data.get(at + 2..).unwrap_or_default();
            }
            bytes.extend_from_slice(data);
            intervals.push(std::mem::take(&mut bytes));
            match behind {
                [0xff, 0xd0..=0xd7, behind @ ..] => rest = behind,
                _ => return intervals,
            }
        }
    }
}
