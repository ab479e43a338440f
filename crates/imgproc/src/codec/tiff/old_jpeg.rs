//! The old form of JPEG compression, in pieces: strips or tiles of compressed data, whose tables
//! are elsewhere in the file (TIFF 6.0, section 22). With the tables, each piece is a JPEG.

use anyhow::{Context, Result, bail};

use super::refusal;
use crate::codec::ifd::{Directory, Structure};
use crate::codec::jpeg::{
    END_OF_IMAGE, EXTENDED, HUFFMAN_TABLES, QUANTIZATION_TABLES, RESTART_INTERVAL, START_OF_FRAME,
    START_OF_SCAN, segment_end, segments,
};

/// The tag of a JPEG, whole or without its data.
pub const JPEG: u16 = 513;

/// Where a frame's segment has the size.
const SIZE: std::ops::Range<usize> = 5..9;
const MISSING: &str = "a damaged TIFF: a table of its JPEG is missing";

/// What the pieces have in common, as segments of a JPEG.
#[derive(Debug)]
pub struct Pieces {
    tables: Vec<u8>,
    frame: Vec<u8>,
    scan: Vec<u8>,
}

impl Pieces {
    /// Reads the tables of so many channels, of which the first has so many samples for one of
    /// another. The first piece is at this offset.
    ///
    /// # Errors
    /// If a table is missing, or the pieces are of a form that is not supported.
    pub fn read(
        structure: &Structure<'_>,
        page: &Directory,
        channels: usize,
        (across, down): (usize, usize),
        piece: usize,
    ) -> Result<Self> {
        let numbers = |tag| page.find(tag).map(|field| structure.numbers(field));
        if numbers(512).is_some_and(|process| process != [1]) {
            bail!(refusal("a lossless JPEG inside"));
        }
        if !matches!((channels, across, down), (1 | 3, 1 | 2 | 4, 1 | 2 | 4)) {
            bail!(refusal("the old form of JPEG compression, of a rare kind"));
        }
        let from = |at: usize| structure.bytes.get(at..).unwrap_or_default();
        let first = |tag| numbers(tag).and_then(|numbers| numbers.first().map(|at| *at as usize));
        let count = channels as u8;
        let (mut frame, mut scan) = (vec![8, 0, 0, 0, 0, count], vec![count]);
        for channel in 0..count {
            let sampling = match channel {
                0 => across << 4 | down,
                _ => 0x11,
            };
            frame.extend([channel + 1, sampling as u8, channel]);
            scan.extend([channel + 1, 0x11 * channel]);
        }
        scan.extend([0, 63, 0]);
        let mut pieces = Self {
            tables: Vec::new(),
            frame: segment(EXTENDED, &frame),
            scan: segment(START_OF_SCAN, &scan),
        };
        let jpeg = first(JPEG).map(from).unwrap_or_default();
        if jpeg.starts_with(&[0xff, 0xd8]) {
            // A JPEG without its data.
            pieces.take(jpeg)?;
        } else {
            // The offsets of the divisors, and of the codes for the first coefficients and the
            // others.
            for (tag, kind, class) in [
                (519, QUANTIZATION_TABLES, 0),
                (520, HUFFMAN_TABLES, 0),
                (521, HUFFMAN_TABLES, 0x10),
            ] {
                let offsets = numbers(tag).unwrap_or_default();
                for channel in 0..channels {
                    let at = offsets.get(channel).context(MISSING)?;
                    let table = table(kind, from(*at as usize)).context(MISSING)?;
                    let data = [&[class | channel as u8], table].concat();
                    pieces.tables.extend(segment(kind, &data));
                }
            }
            if let Some(interval) = first(515) {
                let interval = (interval as u16).to_be_bytes();
                pieces.tables.extend(segment(RESTART_INTERVAL, &interval));
            }
        }
        // Some programs write the header of the scan into the pieces, or into the first one.
        let piece = from(piece);
        if piece.starts_with(&[0xff, START_OF_SCAN]) {
            let end = segment_end(piece, 0).context(MISSING)?;
            pieces.scan = piece.get(..end).context(MISSING)?.to_vec();
        }
        if pieces.frame.get(SIZE.end) != Some(&count) {
            bail!(MISSING);
        }
        Ok(pieces)
    }

    /// Takes the segments of a JPEG.
    fn take(&mut self, jpeg: &[u8]) -> Result<()> {
        for (kind, at) in segments(jpeg) {
            let end = segment_end(jpeg, at).context(MISSING)?;
            let segment = jpeg.get(at..end).context(MISSING)?;
            match kind {
                QUANTIZATION_TABLES | HUFFMAN_TABLES | RESTART_INTERVAL => {
                    self.tables.extend(segment)
                }
                START_OF_FRAME | EXTENDED => self.frame = segment.to_vec(),
                START_OF_SCAN => self.scan = segment.to_vec(),
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes a JPEG of a piece.
    pub fn whole(&self, (columns, rows): (usize, usize), data: &[u8]) -> Vec<u8> {
        let mut frame = self.frame.clone();
        let size = [rows, columns].map(|side| (side as u16).to_be_bytes());
        frame[SIZE].copy_from_slice(&size.concat());
        let scan = match data.starts_with(&[0xff, START_OF_SCAN]) {
            true => &[],
            false => &self.scan[..],
        };
        let end = &[0xff, END_OF_IMAGE];
        [&[0xff, 0xd8], &self.tables[..], &frame, scan, data, end].concat()
    }
}

/// The table at the beginning of these bytes: 64 divisors, or 16 counts of codes and the symbols.
fn table(kind: u8, bytes: &[u8]) -> Option<&[u8]> {
    let length = match kind {
        QUANTIZATION_TABLES => 64,
        _ => {
            let counts = bytes.get(..16)?.iter();
            16 + counts.map(|count| usize::from(*count)).sum::<usize>()
        }
    };
    bytes.get(..length)
}

/// Makes a segment.
fn segment(kind: u8, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u16 + 2).to_be_bytes();
    [&[0xff, kind], &length[..], data].concat()
}
