//! The header of a JPEG: what can't be read, and what its scans must contain.

use super::jpeg::{
    END_OF_IMAGE, RESTART_0, RESTART_INTERVAL, START_OF_FRAME, START_OF_SCAN, data, next_marker,
    segment_end, segments,
};

const EXTENDED: u8 = 0xc1;
const PROGRESSIVE: u8 = 0xc2;
const RESTART_7: u8 = 0xd7;

/// What the headers of a frame and of its first scan say (T.81, B.2.2 and B.2.3).
#[derive(Debug, Default)]
pub struct Header {
    /// The kind of the frame: baseline, progressive, and others.
    frame: u8,
    /// The bits of a sample.
    bits: u8,
    width: usize,
    height: usize,
    /// Each channel's name and sampling factors, across and down. If the first channel has 2, 2 and
    /// the others have 1, 1, four pixels share a colour.
    sampling: Vec<(u8, u8, u8)>,
    /// Whether the first scan has all channels, as is usual.
    interleaved: bool,
    /// The number of blocks between two restart markers.
    interval: usize,
    /// The offset of the first start-of-scan marker.
    scan: Option<usize>,
}

impl Header {
    /// Reads a header once. Whatever is missing or damaged is left empty: the decoder reports it.
    pub fn read(jpeg: &[u8]) -> Self {
        let mut header = Self::default();
        for (kind, at) in segments(jpeg) {
            let data = data(jpeg, at);
            match kind {
                0xc0..=0xcf if !matches!(kind, 0xc4 | 0xc8 | 0xcc) && header.frame == 0 => {
                    header.frame = kind;
                    header.read_frame(data);
                }
                RESTART_INTERVAL => header.interval = number(data, 0),
                START_OF_SCAN => {
                    header.interleaved = data.first() == Some(&(header.sampling.len() as u8));
                    header.scan = Some(at);
                }
                _ => {}
            }
        }
        header
    }

    fn read_frame(&mut self, data: &[u8]) {
        self.bits = data.first().copied().unwrap_or_default();
        (self.height, self.width) = (number(data, 1), number(data, 3));
        // Behind their number: for each channel its name, its two sampling factors in four bits
        // each, and its quantization table.
        let each = data.get(6..).unwrap_or_default().chunks_exact(3);
        let count = data.get(5).map_or(0, |count| usize::from(*count));
        let each = each.take(count).map(|of| (of[0], of[1] >> 4, of[1] & 15));
        self.sampling = each.collect();
    }

    /// Returns why a photo of this layout can't be read. No camera is known to write such files.
    /// `zune-jpeg` 0.5.15 accepts some of them, and decodes garbage or panics: seen with files of
    /// all kinds that the C library's `cjpeg` can write, compared with the output of its `djpeg`.
    pub fn unreadable(&self) -> Option<&'static str> {
        self.scan?;
        match self.frame {
            START_OF_FRAME | EXTENDED | PROGRESSIVE => {}
            0xc3 => return Some("a lossless JPEG"),
            0xc9..=0xcb => return Some("a JPEG with arithmetic coding"),
            _ => return Some("a JPEG in several layers"),
        }
        if self.bits != 8 {
            return Some("a JPEG with more than 8 bits a channel");
        }
        if !matches!(self.sampling.len(), 1 | 3 | 4) {
            return Some("a JPEG with neither 1, 3 nor 4 channels");
        }
        let (_, across, down) = *self.sampling.first()?;
        if self.sampling.iter().any(|of| of.1 > across || of.2 > down) {
            return Some("a JPEG whose first channel has fewer samples than another");
        }
        if self
            .sampling
            .iter()
            .any(|of| !of.1.is_power_of_two() || of.2 == 0)
        {
            return Some("a JPEG in which an unusual number of pixels share a colour");
        }
        let shares = self.sampling.iter().any(|of| (of.1, of.2) != (1, 1));
        (shares && !self.interleaved && self.frame != PROGRESSIVE)
            .then_some("a JPEG with its channels in several scans, and colours that pixels share")
    }

    /// Whether the decoder can give luma alone. Where more rows than columns share a colour, it
    /// decodes something else.
    pub fn has_luma(&self) -> bool {
        let first = self.sampling.first().filter(|_| self.scan.is_some());
        first.is_some_and(|(_, across, down)| across >= down)
    }

    /// Checks what is between the first scan and the end: that there is an end, and that each scan
    /// has the restart markers that it should have. Where one is lost or wrong, the decoder would
    /// put all that follows into a wrong place.
    ///
    /// # Errors
    /// A sentence about what is wrong.
    pub fn check_scans(&self, jpeg: &[u8]) -> Result<(), &'static str> {
        const CUT: &str = "the JPEG is cut short: it has no end marker";
        const RESTART: &str = "the JPEG is damaged: a restart marker is lost or wrong";
        let (mut at, mut interval) = (self.scan.ok_or(CUT)?, self.interval);
        let mut blocks = self.blocks(data(jpeg, at));
        let mut end = segment_end(jpeg, at).ok_or(CUT)?;
        let (mut restarts, mut last_restart) = (0, 0);
        loop {
            let kind;
            (kind, at) = next_marker(jpeg, end).ok_or(CUT)?;
            if matches!(kind, RESTART_0..=RESTART_7) {
                if kind != RESTART_0 + (restarts % 8) as u8 {
                    return Err(RESTART);
                }
                (end, last_restart) = (at + 2, at + 2);
                restarts += 1;
                continue;
            }
            if let Some(count) = blocks.take() {
                let expected = match interval {
                    0 => 0,
                    interval => count.saturating_sub(1) / interval,
                };
                // Some encoders write one more behind the last block.
                let behind = restarts == expected + 1 && last_restart == at;
                if restarts != expected && !(behind && interval > 0) {
                    return Err(RESTART);
                }
            }
            match kind {
                END_OF_IMAGE => return Ok(()),
                START_OF_SCAN => {
                    blocks = self.blocks(data(jpeg, at));
                    restarts = 0;
                }
                RESTART_INTERVAL => interval = number(data(jpeg, at), 0),
                _ => {}
            }
            end = segment_end(jpeg, at).ok_or(CUT)?;
        }
    }

    /// The number of units that a scan codes, which restart intervals are counted in: blocks if it
    /// has a single channel, and otherwise groups of blocks of all its channels (T.81, A.2).
    fn blocks(&self, scan: &[u8]) -> Option<usize> {
        let most = |of: fn(&(u8, u8, u8)) -> u8| self.sampling.iter().map(of).max();
        let (across, down) = (usize::from(most(|of| of.1)?), usize::from(most(|of| of.2)?));
        if across == 0 || down == 0 {
            return None;
        }
        if scan.first()? > &1 {
            return Some(self.width.div_ceil(8 * across) * self.height.div_ceil(8 * down));
        }
        let name = scan.get(1)?;
        let own = self.sampling.iter().find(|of| of.0 == *name)?;
        let columns = (self.width * usize::from(own.1)).div_ceil(across);
        let rows = (self.height * usize::from(own.2)).div_ceil(down);
        Some(columns.div_ceil(8) * rows.div_ceil(8))
    }
}

/// Reads a 16-bit number. Where there is none, it is 0.
fn number(data: &[u8], at: usize) -> usize {
    let bytes = data.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |bytes| usize::from(u16::from_be_bytes(*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::jpeg::without_stray_bytes;

    fn has_end(jpeg: &[u8]) -> bool {
        Header::read(jpeg).check_scans(jpeg).is_ok()
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
            assert_eq!(*without_stray_bytes(bytes), *bytes);
        }
    }
}
