//! The old form of JPEG compression, in pieces: strips or tiles of compressed data, whose tables
//! are elsewhere in the file (TIFF 6.0, section 22). With the tables, each piece is a JPEG.

use anyhow::{Context, Result, bail};

use super::refusal;
use crate::codec::ifd::{Directory, Structure};
use crate::codec::jpeg::{END_OF_IMAGE, RESTART_INTERVAL, START_OF_SCAN};

/// A frame whose tables may have numbers above 1.
const EXTENDED: u8 = 0xc1;
const CODES: u8 = 0xc4;
const DIVISORS: u8 = 0xdb;
/// The bytes of a frame header from the height on, but for its channels.
const SIZE_AND_COUNT: usize = 5;

/// What the pieces have in common.
#[derive(Debug)]
pub struct Pieces {
    /// A JPEG's header, up to the scan. Its size is 0.
    header: Vec<u8>,
    channels: u8,
}

impl Pieces {
    /// Reads the tables of so many channels, of which the first has so many samples for one of
    /// another.
    ///
    /// # Errors
    /// If a table is missing, or the pieces are of a form that is not supported.
    pub fn read(
        structure: &Structure<'_>,
        page: &Directory,
        channels: usize,
        (across, down): (usize, usize),
    ) -> Result<Self> {
        let numbers = |tag| page.find(tag).map(|field| structure.numbers(field));
        if numbers(512).is_some_and(|process| process != [1]) {
            bail!(refusal("a lossless JPEG inside"));
        }
        if !matches!((channels, across, down), (1 | 3, 1 | 2 | 4, 1 | 2 | 4)) {
            bail!(refusal("the old form of JPEG compression, of a rare kind"));
        }
        let mut header = vec![0xff, 0xd8];
        // The offsets of the divisors, and of the codes for the first coefficients and the others.
        for (tag, kind, class) in [(519, DIVISORS, 0), (520, CODES, 0), (521, CODES, 0x10)] {
            let offsets = numbers(tag).unwrap_or_default();
            for channel in 0..channels {
                let at = offsets.get(channel).map(|at| *at as usize);
                let bytes = at.and_then(|at| structure.bytes.get(at..));
                let table = bytes.and_then(|bytes| table(kind, bytes));
                let table = table.context("a damaged TIFF: a table of its JPEG is missing")?;
                push(
                    &mut header,
                    kind,
                    &[&[class | channel as u8], table].concat(),
                );
            }
        }
        if let Some(interval) = numbers(515).and_then(|numbers| numbers.first().copied()) {
            push(
                &mut header,
                RESTART_INTERVAL,
                &(interval as u16).to_be_bytes(),
            );
        }
        let channels = channels as u8;
        let mut frame = vec![8, 0, 0, 0, 0, channels];
        for channel in 0..channels {
            let sampling = if channel == 0 {
                across << 4 | down
            } else {
                0x11
            };
            frame.extend([channel + 1, sampling as u8, channel]);
        }
        push(&mut header, EXTENDED, &frame);
        Ok(Self { header, channels })
    }

    /// Makes a JPEG of a piece. Some programs write the header of the scan into it.
    pub fn whole(&self, (columns, rows): (usize, usize), data: &[u8]) -> Vec<u8> {
        let mut jpeg = self.header.clone();
        let at = jpeg.len() - 3 * usize::from(self.channels) - SIZE_AND_COUNT;
        jpeg[at..at + 2].copy_from_slice(&(rows as u16).to_be_bytes());
        jpeg[at + 2..at + 4].copy_from_slice(&(columns as u16).to_be_bytes());
        if !data.starts_with(&[0xff, START_OF_SCAN]) {
            let tables = (0..self.channels).flat_map(|channel| [channel + 1, channel * 0x11]);
            let scan = [self.channels].into_iter().chain(tables).chain([0, 63, 0]);
            push(&mut jpeg, START_OF_SCAN, &scan.collect::<Vec<_>>());
        }
        jpeg.extend_from_slice(data);
        jpeg.extend([0xff, END_OF_IMAGE]);
        jpeg
    }
}

/// The table at the beginning of these bytes: 64 divisors, or 16 counts of codes and the symbols.
fn table(kind: u8, bytes: &[u8]) -> Option<&[u8]> {
    let length = match kind {
        DIVISORS => 64,
        _ => {
            let counts = bytes.get(..16)?.iter();
            16 + counts.map(|count| usize::from(*count)).sum::<usize>()
        }
    };
    bytes.get(..length)
}

/// Appends a segment.
fn push(jpeg: &mut Vec<u8>, kind: u8, data: &[u8]) {
    jpeg.extend([0xff, kind]);
    jpeg.extend((data.len() as u16 + 2).to_be_bytes());
    jpeg.extend_from_slice(data);
}
