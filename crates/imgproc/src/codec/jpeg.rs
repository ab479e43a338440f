//! JPEG's structure, as far as this lesson needs it: the headers, and how bands of compressed data
//! are joined with restart markers (ITU-T T.81, annex B).
//!
//! A restart marker resets the coder's state, so the data behind it does not depend on the data
//! before it. Bands of whole block rows can be encoded by different workers, and put one after the
//! other: so one JPEG is *written* in parallel. No well-kept crate offers that, and to see it is
//! part of the lesson.

use std::ops::Range;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

const START_OF_IMAGE: u8 = 0xd8;
pub const END_OF_IMAGE: u8 = 0xd9;
pub const START_OF_SCAN: u8 = 0xda;
pub const RESTART_0: u8 = 0xd0;
pub const RESTART_7: u8 = 0xd7;
pub const RESTART_INTERVAL: u8 = 0xdd;
pub const START_OF_FRAME: u8 = 0xc0;
/// A frame whose tables may have numbers above 1.
pub const EXTENDED: u8 = 0xc1;
pub const HUFFMAN_TABLES: u8 = 0xc4;
pub const QUANTIZATION_TABLES: u8 = 0xdb;
pub const ADOBE: u8 = 0xee;
/// The place of the number in Adobe's segment that says what the channels are, behind the name.
pub const TRANSFORM: usize = 6;

/// Finds the first segment of this kind in the header. Returns the offset of its marker.
pub fn segment(jpeg: &[u8], kind: u8) -> Option<usize> {
    segments(jpeg)
        .find(|(marker, _)| *marker == kind)
        .map(|(_, at)| at)
}

/// The segments of the header, up to the first start-of-scan: their kinds, and the offsets of their
/// markers. Bytes between segments that belong to none are skipped, as the C library does.
pub fn segments(jpeg: &[u8]) -> impl Iterator<Item = (u8, usize)> {
    let mut next = match jpeg.get(..2) {
        Some([0xff, START_OF_IMAGE]) => Some(2),
        _ => None,
    };
    std::iter::from_fn(move || {
        let (kind, at) = next_marker(jpeg, next.take()?)?;
        if kind != START_OF_SCAN && kind != END_OF_IMAGE {
            next = segment_end(jpeg, at);
        }
        Some((kind, at))
    })
}

/// Finds the next marker: its kind, and the offset of the byte 255 right before it.
pub fn next_marker(jpeg: &[u8], from: usize) -> Option<(u8, usize)> {
    let mut at = from;
    loop {
        at += find_255(jpeg.get(at..)?)?;
        // Any marker may be preceded by fill bytes (T.81, B.1.1.2), and 0 is no marker.
        match *jpeg.get(at + 1)? {
            0xff => at += 1,
            0 => at += 2,
            kind => return Some((kind, at)),
        }
    }
}

/// Finds the first byte of 255.
pub fn find_255(bytes: &[u8]) -> Option<usize> {
    // Most of 16 bytes together have none, which the processor can see at once.
    let has = |all: &[u8; 16]| all.iter().fold(false, |has, byte| has | (*byte == 0xff));
    let (groups, _) = bytes.as_chunks();
    let plain = 16 * groups.iter().take_while(|all| !has(all)).count();
    let at = bytes[plain..].iter().position(|byte| *byte == 0xff)?;
    Some(plain + at)
}

/// Finds the marker that ends the data of a scan: the first one that is no restart marker.
pub fn marker_behind_scan(jpeg: &[u8], data: usize) -> Option<(u8, usize)> {
    let mut next = data;
    loop {
        match next_marker(jpeg, next)? {
            (RESTART_0..=RESTART_7, at) => next = at + 2,
            other => return Some(other),
        }
    }
}

/// The data of a segment, without its marker and length.
pub fn data(jpeg: &[u8], at: usize) -> &[u8] {
    let end = segment_end(jpeg, at).unwrap_or_default();
    jpeg.get(at + 4..end).unwrap_or_default()
}

/// The offset just behind the segment whose marker is at `at`.
pub fn segment_end(jpeg: &[u8], at: usize) -> Option<usize> {
    // Some markers stand alone (T.81, table B.1).
    if matches!(jpeg.get(at + 1)?, 0x01 | RESTART_0..=START_OF_IMAGE) {
        return Some(at + 2);
    }
    let length = jpeg.get(at + 2..)?.first_chunk()?;
    Some(at + 2 + usize::from(u16::from_be_bytes(*length)))
}

/// Adds the restart interval to the header: the number of blocks between two restart markers (T.81,
/// B.2.4.4).
///
/// # Panics
/// If this is not a JPEG.
pub fn with_restart_interval(mut jpeg: Vec<u8>, blocks: u16) -> Vec<u8> {
    let at = segment(&jpeg, START_OF_SCAN).expect("the encoder wrote a scan");
    let [high, low] = blocks.to_be_bytes();
    jpeg.splice(at..at, [0xff, RESTART_INTERVAL, 0, 4, high, low]);
    jpeg
}

/// Joins bands, each a whole JPEG of its own, into one JPEG. All but the last must have the same
/// number of rows, and the first one has [one band as its restart interval](with_restart_interval).
///
/// The first band's header becomes the header of the whole, with the height set to `height`.
///
/// # Panics
/// If a band is not a baseline JPEG.
pub fn join(bands: &[Vec<u8>], height: usize, out: Vec<u8>) -> Vec<u8> {
    let header = &bands[0][..scan_of(&bands[0]).start];
    let intervals = bands.iter().map(|band| &band[scan_of(band)]);
    with_intervals(header, intervals, height, out)
}

/// Makes a JPEG of a header, whose height is set to `height`, and of the data of restart intervals,
/// in the memory of `out`.
///
/// # Panics
/// If the header is not a baseline JPEG's.
pub fn with_intervals<'a>(
    header: &[u8],
    intervals: impl IntoIterator<Item = &'a [u8]>,
    height: usize,
    mut out: Vec<u8>,
) -> Vec<u8> {
    out.clear();
    out.extend_from_slice(header);
    for (index, interval) in intervals.into_iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(&[0xff, RESTART_0 + ((index - 1) % 8) as u8]);
        }
        out.extend_from_slice(interval);
    }
    out.extend_from_slice(&[0xff, END_OF_IMAGE]);
    set_side(&mut out, 5, height);
    out
}

/// The compressed data of a JPEG with a single scan.
fn scan_of(jpeg: &[u8]) -> Range<usize> {
    let at = segment(jpeg, START_OF_SCAN).expect("the encoder wrote a scan");
    let start = segment_end(jpeg, at).expect("the encoder wrote a whole segment");
    start..jpeg.len() - 2
}

/// Returns what is before the compressed data, with another width.
///
/// # Panics
/// If this is not a baseline JPEG, or the width has more than 16 bits.
pub fn header_with_width(mut jpeg: Vec<u8>, width: usize) -> Vec<u8> {
    jpeg.truncate(scan_of(&jpeg).start);
    set_side(&mut jpeg, 7, width);
    jpeg
}

/// Returns the file that has this header and the compressed data of `jpeg`.
///
/// # Panics
/// If that has no scan.
pub fn with_scan_of(mut header: Vec<u8>, jpeg: &[u8]) -> Vec<u8> {
    header.extend_from_slice(&jpeg[scan_of(jpeg).start..]);
    header
}

/// Overwrites the height or the width in the frame header (SOF0: marker, length, precision, height,
/// width).
fn set_side(jpeg: &mut [u8], offset: usize, side: usize) {
    let at = segment(jpeg, START_OF_FRAME).expect("the encoder wrote a baseline JPEG") + offset;
    let side = u16::try_from(side).expect("a JPEG has at most 65535 rows and columns");
    jpeg[at..at + 2].copy_from_slice(&side.to_be_bytes());
}

/// A decoder of bytes in memory.
pub type Decoder<'a> = JpegDecoder<ZCursor<Bytes<'a>>>;

/// The bytes that a decoder reads. They have a type of their own, or the compiler would not make a
/// decoder for them: it would take the one that the crate `image` has for slices. Functions that
/// are `#[inline(never)]`, and the decoder's largest are, exist once for each type. And `image` is
/// not optimised in the profile of `cargo run`.
pub struct Bytes<'a>(&'a [u8]);

impl AsRef<[u8]> for Bytes<'_> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

/// Returns a strict decoder, for a JPEG of any size that the format allows.
pub fn decoder(jpeg: &[u8], wanted: ColorSpace) -> Decoder<'_> {
    let options = DecoderOptions::new_fast()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(wanted);
    JpegDecoder::new_with_options(ZCursor::new(Bytes(jpeg)), options)
}
