//! JPEG's own structure, as far as this lesson needs it: where the compressed data lies, and
//! how pieces of it are joined with restart markers (ITU-T T.81, annex B).
//!
//! A restart marker resets the coder's state, so what follows it does not depend on what went
//! before: bands of whole block rows can be coded by different workers and put one after the
//! other. It is the one place where a JPEG can be *written* in parallel. No kept crate offers
//! it, and seeing it is part of the lesson.

use std::ops::Range;

const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
pub const START_OF_SCAN: u8 = 0xda;
const RESTART_0: u8 = 0xd0;
pub const RESTART_INTERVAL: u8 = 0xdd;
pub const START_OF_FRAME: u8 = 0xc0;
const EXTENDED: u8 = 0xc1;
const PROGRESSIVE: u8 = 0xc2;

/// Where the first segment of this kind begins, at its marker, in the header.
pub fn segment(jpeg: &[u8], kind: u8) -> Option<usize> {
    segment_of(jpeg, &[kind])
}

/// The same of the first that is of one of these kinds.
fn segment_of(jpeg: &[u8], kinds: &[u8]) -> Option<usize> {
    if jpeg.get(..2)? != [0xff, START_OF_IMAGE] {
        return None;
    }
    let mut at = 2;
    loop {
        if jpeg.get(at)? != &0xff {
            return None;
        }
        // Any marker may be preceded by fill bytes (T.81, B.1.1.2).
        while jpeg.get(at + 1)? == &0xff {
            at += 1;
        }
        match *jpeg.get(at + 1)? {
            marker if kinds.contains(&marker) => return Some(at),
            START_OF_SCAN => return None,
            _ => at = segment_end(jpeg, at)?,
        }
    }
}

/// Just behind the segment that begins here.
fn segment_end(jpeg: &[u8], at: usize) -> Option<usize> {
    Some(at + 2 + word(jpeg, at + 2)?)
}

/// The 16 bits that begin here, the high byte first.
fn word(jpeg: &[u8], at: usize) -> Option<usize> {
    let bytes = jpeg.get(at..)?.first_chunk()?;
    Some(usize::from(u16::from_be_bytes(*bytes)))
}

/// How a JPEG keeps its channels.
pub struct Layout {
    /// Of each channel, how often it is sampled across and down. Where the first says 2, 2 and the others 1, 1, four pixels share a colour.
    sampling: Vec<(u8, u8)>,
    /// Whether the first scan has all of the channels, as is usual, and not the others behind it.
    interleaved: bool,
    /// Whether each scan adds detail to those before it.
    progressive: bool,
}

/// Reads the headers of a frame and of its first scan (T.81, B.2.2 and B.2.3). None if there are none.
pub fn layout(jpeg: &[u8]) -> Option<Layout> {
    let at = segment_of(jpeg, &[START_OF_FRAME, EXTENDED, PROGRESSIVE])?;
    // Behind the marker: the length, the bits a sample, and the size.
    let channels = *jpeg.get(at + 9)?;
    // For each channel: its name, its sampling in four bits and four, its quantization table.
    let of_channels = jpeg.get(at + 10..)?.get(..3 * usize::from(channels))?;
    let scan = segment(jpeg, START_OF_SCAN)?;
    Some(Layout {
        sampling: of_channels
            .chunks(3)
            .map(|of| (of[1] >> 4, of[1] & 15))
            .collect(),
        interleaved: *jpeg.get(scan + 4)? == channels,
        progressive: jpeg[at + 1] == PROGRESSIVE,
    })
}

impl Layout {
    /// Why a photo that is kept like this can't be read. Cameras keep none so. `zune-jpeg` 0.5.15 takes it, and gives garbage or panics:
    /// seen with files of all kinds that the C library's `cjpeg` can write, beside what its `djpeg` made of them.
    pub fn unreadable(&self) -> Option<&'static str> {
        let (across, down) = *self.sampling.first()?;
        if self.sampling.iter().any(|of| of.0 > across || of.1 > down) {
            return Some("a JPEG whose first channel has fewer samples than another");
        }
        let shares = self.sampling.iter().any(|of| *of != (1, 1));
        (shares && !self.interleaved && !self.progressive)
            .then_some("a JPEG with its channels in several scans, and colours that pixels share")
    }

    /// Whether the decoder can give luma alone. Where more rows than columns share a colour, it gives something else.
    pub fn has_luma(&self) -> bool {
        self.sampling
            .first()
            .is_some_and(|(across, down)| across >= down)
    }
}

/// Where the header ends: the offset just behind the first start-of-scan segment.
fn scan_start(jpeg: &[u8]) -> Option<usize> {
    segment_end(jpeg, segment(jpeg, START_OF_SCAN)?)
}

/// Whether an end-of-image marker follows the first scan's start. (An EXIF thumbnail has one of its
/// own, earlier; cameras append all sorts of things behind the last.)
pub fn has_end(jpeg: &[u8]) -> bool {
    scan_start(jpeg)
        .and_then(|start| jpeg.get(start..))
        .is_some_and(|scan| scan.windows(2).any(|pair| pair == [0xff, END_OF_IMAGE]))
}

/// Says in the header how many blocks lie between two restart markers (T.81, B.2.4.4).
///
/// # Panics
/// If this is not a JPEG.
pub fn with_restart_interval(mut jpeg: Vec<u8>, blocks: u16) -> Vec<u8> {
    let at = segment(&jpeg, START_OF_SCAN).expect("the encoder wrote a scan");
    let [high, low] = blocks.to_be_bytes();
    jpeg.splice(at..at, [0xff, RESTART_INTERVAL, 0, 4, high, low]);
    jpeg
}

/// Joins bands, each a whole JPEG of its own, into one. All but the last must have the same
/// number of rows; the first says how many blocks lie [between two restart markers](with_restart_interval): one band's.
///
/// The first band's header serves for all, with the height set to `height`.
///
/// # Panics
/// If a band is not a baseline JPEG.
pub fn join(bands: &[Vec<u8>], height: usize, mut out: Vec<u8>) -> Vec<u8> {
    out.clear();
    for (index, band) in bands.iter().enumerate() {
        let scan = scan_of(band);
        if index == 0 {
            out.extend_from_slice(&band[..scan.start]);
        } else {
            out.extend_from_slice(&[0xff, RESTART_0 + ((index - 1) % 8) as u8]);
        }
        out.extend_from_slice(&band[scan]);
    }
    out.extend_from_slice(&[0xff, END_OF_IMAGE]);
    set_height(&mut out, height);
    out
}

/// The compressed data of a JPEG with a single scan.
fn scan_of(jpeg: &[u8]) -> Range<usize> {
    let start = scan_start(jpeg).expect("the encoder wrote a scan");
    start..jpeg.len() - 2
}

/// Overwrites the height in the frame header (SOF0: marker, length, precision, height, width).
fn set_height(jpeg: &mut [u8], height: usize) {
    let at = segment(jpeg, START_OF_FRAME).expect("the encoder wrote a baseline JPEG");
    let height = u16::try_from(height).expect("a JPEG has at most 65535 rows");
    jpeg[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_marker_inside_the_header_does_not_count() {
        // An APP1 segment that holds a whole little JPEG, as an EXIF thumbnail does.
        let mut jpeg = vec![0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9];
        jpeg.extend([0xff, START_OF_SCAN, 0, 2, 1, 2, 3]);
        assert!(!has_end(&jpeg));
        jpeg.extend([0xff, END_OF_IMAGE, 0, 0]);
        assert!(has_end(&jpeg));
    }

    #[test]
    fn garbage_has_no_end() {
        for bytes in [
            &[][..],
            &[0xff],
            &[0xff, 0xd8],
            &[0xff, 0xd8, 0xff, 0xff, 0xff],
        ] {
            assert!(!has_end(bytes), "{bytes:?}");
        }
    }
}
