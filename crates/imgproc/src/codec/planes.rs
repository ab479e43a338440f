//! JPEG to its planes: luma, and two colours at half the size.
//!
//! Most JPEGs keep their colours at half the size (chroma subsampling, 4:2:0), and so do those that
//! are written here. A filter that treats all channels alike, as a blur does, can work on these
//! planes as they are. Then the colours need not be enlarged, mixed to red, green and blue, and
//! taken apart and shrunk again, and there is half as much to filter.
//!
//! No kept crate gives the planes in safe code. This reads what cameras write (see
//! [`Layout::read`]). All else is decoded to pixels, and so is all that is damaged: the decoder
//! says what is wrong.

use anyhow::{Result, ensure};

use super::blocks::{self, Eight, Plane};
use super::entropy::{Layout, Share, UNREAD};
use super::header::{Header, Scans};
use super::{Photo, memory};

/// The samples of a block across, and down.
const BLOCK: usize = 8;

/// A scan whose planes can be read.
#[derive(Debug)]
pub struct Scan(Layout);

/// Whole rows of units, and the memory for their samples.
pub struct Part<'a> {
    scan: &'a Scan,
    jpeg: &'a [u8],
    share: Share<'a>,
    planes: Vec<Plane<'a>>,
}

impl Scan {
    /// Reads the tables of a JPEG. Returns nothing if it is of a kind that is not read here.
    ///
    /// # Errors
    /// If a table is damaged.
    pub fn read(jpeg: &[u8], header: &Header, scans: &Scans) -> Result<Option<Self>> {
        let layout = Layout::read(jpeg, header, scans)?;
        Ok(layout.filter(|of| of.channels.len() == 3).map(Self))
    }

    /// Decodes the whole, and makes `memory` large enough for it.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn decode(&self, jpeg: &[u8], memory: &mut Vec<u8>) -> Result<()> {
        let parts = self.divided(jpeg, memory, vec![self.0.whole()]);
        parts.into_iter().try_for_each(Part::decode)
    }

    /// Divides the scan into a part for each worker, and makes `memory` large enough for all parts.
    /// Returns no parts if it has to be decoded as a whole.
    pub fn parts<'a>(
        &'a self,
        jpeg: &'a [u8],
        header: &Header,
        workers: usize,
        memory: &'a mut Vec<u8>,
    ) -> Vec<Part<'a>> {
        self.divided(jpeg, memory, self.0.shares(header, workers))
    }

    fn divided<'a>(
        &'a self,
        jpeg: &'a [u8],
        out: &'a mut Vec<u8>,
        shares: Vec<Share<'a>>,
    ) -> Vec<Part<'a>> {
        let sizes = self.sizes();
        if !shares.is_empty() {
            let length = sizes.iter().map(|(stride, rows)| stride * rows).sum();
            *out = memory(std::mem::take(out), length);
        }
        // One plane behind the other, and of each plane one part below the other.
        let mut rest = out.as_mut_slice();
        let mut take = |length: usize| {
            let taken;
            (taken, rest) = std::mem::take(&mut rest).split_at_mut(length);
            taken
        };
        let part = |share| Part {
            scan: self,
            jpeg,
            share,
            planes: Vec::new(),
        };
        let mut parts: Vec<_> = shares.into_iter().map(part).collect();
        for (channel, (stride, _)) in self.0.channels.iter().zip(sizes) {
            for part in &mut parts {
                let rows = self.0.rows(&part.share) * channel.blocks.1 * BLOCK;
                let samples = take(rows * stride);
                part.planes.push(Plane { stride, samples });
            }
        }
        parts
    }

    /// The samples in a row of each plane, and its rows.
    fn sizes(&self) -> Vec<(usize, usize)> {
        let size = |channel| blocks::size_of(&self.0, channel, BLOCK);
        self.0.channels.iter().map(size).collect()
    }

    /// Makes a picture of memory that it was decoded to, or all its [parts](Self::parts).
    pub fn joined(&self, mut memory: Vec<u8>) -> Photo {
        let (width, height) = (self.0.width, self.0.height);
        let [luma, blue, red] = [0, 1, 2].map(|index| self.sizes()[index]);
        let blue_start = luma.0 * luma.1;
        let red_start = blue_start + blue.0 * blue.1;
        let shared = self.0.channels[0].blocks;
        let colours = [(blue_start, blue.0), (red_start, red.0)]
            .map(|(start, stride)| halved(&memory[start..], stride, (width, height), shared));
        // Without what fills the last blocks.
        blocks::cut(&mut memory, luma.0, (width, height));
        Photo {
            width,
            height,
            channels: 1,
            pixels: memory,
            colours: colours.into(),
            ..Photo::default()
        }
    }
}

impl Part<'_> {
    /// Decodes the part.
    ///
    /// # Errors
    /// If it is damaged, or some bytes belong to no block.
    pub fn decode(self) -> Result<()> {
        let mut planes = self.planes;
        let unread = blocks::decode::<Eight>(&self.scan.0, self.jpeg, &self.share, &mut planes)?;
        ensure!(unread == 0, UNREAD);
        Ok(())
    }
}

/// Returns a colour at half the size of a picture whose luma has so many times its samples across
/// and down, 1 or 2.
fn halved(
    samples: &[u8],
    stride: usize,
    (width, height): (usize, usize),
    (across, down): (usize, usize),
) -> Photo {
    let (from_width, from_height) = (width.div_ceil(across), height.div_ceil(down));
    let (width, height) = (width.div_ceil(2), height.div_ceil(2));
    let (step_x, step_y) = (2 / across, 2 / down);
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        // Beyond the border, the outermost samples repeat.
        let row = |y: usize| &samples[y.min(from_height - 1) * stride..][..from_width];
        let (upper, lower) = (row(y * step_y), row(y * step_y + step_y - 1));
        if (step_x, step_y) == (1, 1) {
            pixels.extend_from_slice(upper);
            continue;
        }
        pixels.extend((0..width).map(|x| {
            let (left, right) = (x * step_x, (x * step_x + step_x - 1).min(from_width - 1));
            let four = [upper[left], upper[right], lower[left], lower[right]];
            ((four.into_iter().map(u16::from).sum::<u16>() + 2) / 4) as u8
        }));
    }
    Photo {
        width,
        height,
        channels: 1,
        pixels,
        ..Photo::default()
    }
}
