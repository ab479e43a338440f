//! The header of a JPEG: what can't be read, and what its scans must contain.

use std::ops::Range;

use super::jpeg::{
    END_OF_IMAGE, EXTENDED, RESTART_0, RESTART_7, RESTART_INTERVAL, START_OF_FRAME, START_OF_SCAN,
    data, next_marker, segment_end, segments,
};

mod kinds;

const PROGRESSIVE: u8 = 0xc2;
const LOSSLESS: u8 = 0xc3;
const ARITHMETIC: u8 = 0xc9;

/// What the headers of a frame and of its first scan say (T.81, B.2.2 and B.2.3).
#[derive(Debug, Default)]
pub struct Header {
    /// The kind of the frame: baseline, progressive, and others.
    frame: u8,
    /// The bits of a sample.
    bits: u8,
    width: usize,
    height: usize,
    channels: Vec<Channel>,
    /// Whether the first scan has all channels, as is usual.
    pub interleaved: bool,
    /// The number of blocks between two restart markers.
    pub interval: usize,
    /// The offset of the first start-of-scan marker.
    pub scan: Option<usize>,
}

/// What is behind the header.
#[derive(Debug, Default)]
pub struct Scans {
    /// The data between restart markers of the last scan, which for most JPEGs is the only one.
    pub intervals: Vec<Range<usize>>,
    /// The offset of what is behind the end marker.
    pub end: usize,
}

/// A channel of a frame.
#[derive(Debug, Clone, Copy)]
pub struct Channel {
    pub name: u8,
    /// The sampling factors. If those of the first channel are 2 and 2, and all others are 1, four
    /// pixels share a colour.
    pub across: u8,
    pub down: u8,
    /// The number of its quantization table.
    pub table: u8,
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
                    header.interleaved = data.first() == Some(&(header.channels.len() as u8));
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
        let each = each.take(count).map(|of| Channel {
            name: of[0],
            across: of[1] >> 4,
            down: of[1] & 15,
            table: of[2],
        });
        self.channels = each.collect();
    }

    /// Whether a frame has each block once, in a single scan or in one for each channel.
    pub fn is_sequential(&self) -> bool {
        matches!(self.frame, START_OF_FRAME | EXTENDED | ARITHMETIC)
    }

    /// The channels.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The width and the height of the photo.
    pub fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// The greatest sampling factors, across and down. Without channels they are 0.
    fn most(&self) -> (usize, usize) {
        let most = |of: fn(&Channel) -> u8| self.channels.iter().map(of).max().unwrap_or_default();
        (most(|of| of.across).into(), most(|of| of.down).into())
    }

    /// The samples of this channel, across and down (T.81, A.1.1).
    pub fn size_of(&self, channel: usize) -> [usize; 2] {
        let (across, down) = self.most();
        let own = self.channels[channel];
        let samples =
            |side: usize, own: u8, most: usize| (side * usize::from(own)).div_ceil(most.max(1));
        [
            samples(self.width, own.across, across),
            samples(self.height, own.down, down),
        ]
    }

    /// How many times the photo has the samples of this channel, across and down.
    pub fn times(&self, channel: usize) -> [usize; 2] {
        let ((across, down), own) = (self.most(), self.channels[channel]);
        [
            across / usize::from(own.across),
            down / usize::from(own.down),
        ]
    }

    /// The units of a scan with several channels, across and down.
    pub fn units(&self) -> [usize; 2] {
        let (across, down) = self.most();
        [
            self.width.div_ceil(self.block() * across),
            self.height.div_ceil(self.block() * down),
        ]
    }

    /// The columns, and the rows, of samples that are stored together.
    fn block(&self) -> usize {
        if self.is_lossless() { 1 } else { 8 }
    }

    /// Whether the decoder can give luma alone. Where more rows than columns share a colour, it
    /// decodes something else.
    pub fn has_luma(&self) -> bool {
        let first = self.channels.first().filter(|_| self.scan.is_some());
        first.is_some_and(|of| of.across >= of.down)
    }

    /// Whether the first channel has one or two samples, across and down, for one of each other. A
    /// fourth, which is black, may have as many.
    pub fn shares_as_usual(&self) -> bool {
        let factors = |of: &Channel| (of.across, of.down);
        let Some((first, others)) = self.channels.split_first() else {
            return false;
        };
        let fits = |of: (usize, &Channel)| {
            factors(of.1) == (1, 1) || of.0 == 2 && factors(of.1) == factors(first)
        };
        matches!(factors(first), (1 | 2, 1 | 2)) && others.iter().enumerate().all(fits)
    }

    /// Returns the least number of restart intervals that are whole rows of units, and the rows of
    /// pixels that they have. `None` if there are no restart markers, or if the layout is not one
    /// of those that cameras write.
    pub fn whole_rows(&self) -> Option<(usize, usize)> {
        let first = self.channels.first()?;
        // The units of a single channel are blocks, whatever its factors are.
        let are_blocks = self.channels.len() == 1 && (first.across, first.down) != (1, 1);
        let usual = self.interleaved && self.shares_as_usual() && !are_blocks;
        if self.frame != START_OF_FRAME || !usual || self.interval == 0 {
            return None;
        }
        let across = self.width.div_ceil(8 * usize::from(first.across));
        let count = (1..=across).find(|count| (count * self.interval).is_multiple_of(across))?;
        Some((count, count * self.interval / across * self.unit_height()))
    }

    /// The offset of the first scan's data.
    pub fn data_start(&self, jpeg: &[u8]) -> Option<usize> {
        segment_end(jpeg, self.scan?)
    }

    /// The rows of pixels in a unit.
    pub fn unit_height(&self) -> usize {
        8 * self.most().1
    }

    /// Checks what is between the first scan and the end: that there is an end, and that each scan
    /// has the restart markers that it should have. Where one is lost or wrong, the decoder would
    /// put all that follows into a wrong place.
    ///
    /// # Errors
    /// A sentence about what is wrong.
    pub fn check_scans(&self, jpeg: &[u8]) -> Result<Scans, &'static str> {
        const CUT: &str = "the JPEG is cut short: it has no end marker";
        const RESTART: &str = "the JPEG is damaged: a restart marker is lost or wrong";
        let (mut at, mut interval) = (self.scan.ok_or(CUT)?, self.interval);
        let mut blocks = self.blocks(data(jpeg, at));
        let mut end = segment_end(jpeg, at).ok_or(CUT)?;
        let mut restarts = 0;
        let mut scans = Scans::default();
        loop {
            let kind;
            (kind, at) = next_marker(jpeg, end).ok_or(CUT)?;
            scans.intervals.push(end..at);
            if matches!(kind, RESTART_0..=RESTART_7) {
                if kind != RESTART_0 + (restarts % 8) as u8 {
                    return Err(RESTART);
                }
                end = at + 2;
                restarts += 1;
                continue;
            }
            if let Some(count) = blocks.take() {
                let expected = match interval {
                    0 => 0,
                    interval => count.saturating_sub(1) / interval,
                };
                // Some encoders write more behind the last block, with nothing between them.
                let rest = scans.intervals.get(expected + 1..).unwrap_or_default();
                let behind = interval > 0 && restarts > expected;
                if restarts != expected && !(behind && rest.iter().all(Range::is_empty)) {
                    return Err(RESTART);
                }
                scans.intervals.truncate(expected + 1);
            }
            match kind {
                END_OF_IMAGE => {
                    scans.end = at + 2;
                    return Ok(scans);
                }
                START_OF_SCAN => {
                    blocks = self.blocks(data(jpeg, at));
                    restarts = 0;
                }
                RESTART_INTERVAL => interval = number(data(jpeg, at), 0),
                _ => {}
            }
            scans.intervals.clear();
            end = segment_end(jpeg, at).ok_or(CUT)?;
        }
    }

    /// The number of units that a scan codes, which restart intervals are counted in: blocks if it
    /// has a single channel, and otherwise groups of blocks of all its channels (T.81, A.2).
    fn blocks(&self, scan: &[u8]) -> Option<usize> {
        let (across, down) = self.most();
        if across == 0 || down == 0 {
            return None;
        }
        if scan.first()? > &1 {
            return Some(self.units().iter().product());
        }
        let name = scan.get(1)?;
        let own = self.channels.iter().position(|of| of.name == *name)?;
        let [columns, rows] = self.size_of(own);
        Some(columns.div_ceil(self.block()) * rows.div_ceil(self.block()))
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
    use crate::codec::mended::mended;

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
            assert_eq!(*mended(bytes), *bytes);
        }
    }
}
