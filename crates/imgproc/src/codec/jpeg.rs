//! JPEG's structure, as far as this lesson needs it: the headers, and how bands of compressed data
//! are joined with restart markers (ITU-T T.81, annex B).
//!
//! A restart marker resets the coder's state, so the data behind it does not depend on the data
//! before it. Bands of whole block rows can be encoded by different workers, and put one after the
//! other: so one JPEG is *written* in parallel. No well-kept crate offers that, and to see it is
//! part of the lesson.

use std::ops::Range;

const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
pub const START_OF_SCAN: u8 = 0xda;
const RESTART_0: u8 = 0xd0;
pub const RESTART_INTERVAL: u8 = 0xdd;
pub const START_OF_FRAME: u8 = 0xc0;
const EXTENDED: u8 = 0xc1;
const PROGRESSIVE: u8 = 0xc2;

/// Finds the first segment of this kind in the header. Returns the offset of its marker.
pub fn segment(jpeg: &[u8], kind: u8) -> Option<usize> {
    segments(jpeg)
        .find(|(marker, _)| *marker == kind)
        .map(|(_, at)| at)
}

/// The segments of the header, up to the first start-of-scan: their kinds, and the offsets of their
/// markers.
fn segments(jpeg: &[u8]) -> impl Iterator<Item = (u8, usize)> {
    let mut next = match jpeg.get(..2) {
        Some([0xff, START_OF_IMAGE]) => Some(2),
        _ => None,
    };
    std::iter::from_fn(move || {
        let mut at = next.take()?;
        if jpeg.get(at)? != &0xff {
            return None;
        }
        // Any marker may be preceded by fill bytes (T.81, B.1.1.2).
        while jpeg.get(at + 1)? == &0xff {
            at += 1;
        }
        let kind = *jpeg.get(at + 1)?;
        if kind != START_OF_SCAN {
            next = segment_end(jpeg, at);
        }
        Some((kind, at))
    })
}

/// The offset just behind the segment whose marker is at `at`.
fn segment_end(jpeg: &[u8], at: usize) -> Option<usize> {
    let length = jpeg.get(at + 2..)?.first_chunk()?;
    Some(at + 2 + usize::from(u16::from_be_bytes(*length)))
}

/// What the headers of a frame and of its first scan say (T.81, B.2.2 and B.2.3).
#[derive(Debug, Default)]
pub struct Header {
    /// Each channel's sampling factors, across and down. If the first channel has 2, 2 and the
    /// others have 1, 1, four pixels share a colour.
    sampling: Vec<(u8, u8)>,
    /// Whether the first scan has all channels, as is usual.
    interleaved: bool,
    /// Whether each scan adds detail to those before it.
    progressive: bool,
    /// The offset of the first scan's compressed data.
    scan: Option<usize>,
}

impl Header {
    /// Reads a header once. Whatever is missing or damaged is left empty: the decoder reports it.
    pub fn read(jpeg: &[u8]) -> Self {
        let (mut header, mut channels) = (Self::default(), 0);
        for (kind, at) in segments(jpeg) {
            match kind {
                START_OF_FRAME | EXTENDED | PROGRESSIVE if header.sampling.is_empty() => {
                    // Behind the marker: the length, the bits of a sample, and the size.
                    channels = jpeg.get(at + 9).copied().unwrap_or_default();
                    // For each channel: its name, its two sampling factors in four bits each, and
                    // its quantization table.
                    let each = jpeg
                        .get(at + 10..)
                        .and_then(|rest| rest.get(..3 * usize::from(channels)));
                    let each = each.unwrap_or_default().chunks(3);
                    header.sampling = each.map(|of| (of[1] >> 4, of[1] & 15)).collect();
                    header.progressive = kind == PROGRESSIVE;
                }
                START_OF_SCAN => {
                    header.interleaved = jpeg.get(at + 4) == Some(&channels);
                    header.scan = segment_end(jpeg, at);
                }
                _ => {}
            }
        }
        header
    }

    /// Returns why a photo of this layout can't be read. No camera is known to write such files.
    /// `zune-jpeg` 0.5.15 accepts them, and decodes garbage or panics: seen with files of all kinds
    /// that the C library's `cjpeg` can write, compared with the output of its `djpeg`.
    pub fn unreadable(&self) -> Option<&'static str> {
        self.scan?;
        let (across, down) = *self.sampling.first()?;
        if self.sampling.iter().any(|of| of.0 > across || of.1 > down) {
            return Some("a JPEG whose first channel has fewer samples than another");
        }
        let shares = self.sampling.iter().any(|of| *of != (1, 1));
        (shares && !self.interleaved && !self.progressive)
            .then_some("a JPEG with its channels in several scans, and colours that pixels share")
    }

    /// Whether the decoder can give luma alone. Where more rows than columns share a colour, it
    /// decodes something else.
    pub fn has_luma(&self) -> bool {
        let first = self.sampling.first().filter(|_| self.scan.is_some());
        first.is_some_and(|(across, down)| across >= down)
    }

    /// Whether an end-of-image marker follows the first scan's start. (An EXIF thumbnail has one of
    /// its own, earlier, and cameras append all sorts of data behind the last one.)
    pub fn has_end(&self, jpeg: &[u8]) -> bool {
        let scan = self.scan.and_then(|start| jpeg.get(start..));
        scan.is_some_and(|scan| scan.windows(2).any(|pair| pair == [0xff, END_OF_IMAGE]))
    }
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
    let start = Header::read(jpeg).scan.expect("the encoder wrote a scan");
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

    fn has_end(jpeg: &[u8]) -> bool {
        Header::read(jpeg).has_end(jpeg)
    }

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
