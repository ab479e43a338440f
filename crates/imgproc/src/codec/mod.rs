//! From a file's bytes to pixels and back. Knows nothing of folders, strategies or timelines.
//!
//! The codecs take more time than any filter, so those for JPEG were chosen by measuring, among
//! those that need no system package: `cargo bench --bench imgproc -- jpeg` has them side by side,
//! and the book's page "Measured" has the figures.
//!
//! - `zune-jpeg` decodes, and several of its decoders share a photo that has restart markers
//!   (`parts`). It is fast, it can decode the Y channel alone, and it is `unsafe` in its
//!   SIMD code only, which matters for bytes from strangers. Layouts that it decodes wrongly are
//!   left to `plain`, which is ours, or refused. So are progressive photos, since it does not
//!   notice that data are missing in them.
//! - `shrunk` decodes at a fraction of the size, for thumbnails. It is ours, and says why.
//! - `planes` gives luma and the two colours at half the size, for a blur. It is ours, too.
//! - `frequencies` makes grey JPEGs of JPEGs without pixels. It is ours, too.
//! - `libjpeg-turbo-rs` encodes, at two and a half to three times the speed of `jpeg-encoder`. It
//!   is young and has more `unsafe`, but its input is our own pixels; it writes the same bytes as
//!   the C library that it follows.
//! - `gif` reads the first picture of a GIF; none is written.
//! - `image` does PNG, WebP and BMP. TIFF is read and written in `tiff`, since people have many
//!   kinds of it.
//!
//! To use other codecs for JPEG, change [`open`] and [`encode_band`].

use std::ops::Range;

mod bands;
mod blocks;
mod bmp;
mod colours;
mod decode;
mod encode;
mod entropy;
mod frequencies;
mod from_jpeg;
mod gif;
mod header;
mod ifd;
mod jpeg;
mod limits;
mod mended;
mod metadata;
mod others;
mod parts;
mod plain;
mod planes;
mod png;
mod shrunk;
mod tiff;
mod upright;
mod webp;

pub use bands::{encode_band, join};
pub use decode::{Encoded, Need, check_format, decode, mended, open, probe};
pub use encode::{Format, encode};
pub use frequencies::{Band, Frequencies, Luma};
pub use limits::Limits;
pub use metadata::{Density, Metadata, Strip};
pub use parts::Part;

/// An image in memory: 8 bits a channel, rows from top to bottom, no padding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Photo {
    /// Pixels in a row.
    pub width: usize,
    /// The number of rows.
    pub height: usize,
    /// Bytes in a pixel: 1 is luma, 3 is RGB, 4 is RGB with alpha (not premultiplied).
    pub channels: usize,
    /// `width * height * channels` bytes, or none if there are frequencies.
    pub pixels: Vec<u8>,
    /// The two colours, each a photo of one channel at half the size, if [`Need::planes`] asked for
    /// that. Then `pixels` are luma alone.
    pub colours: Vec<Photo>,
    /// The picture in place of its pixels, if [`Need::frequencies`] asked for that.
    pub frequencies: Option<Frequencies>,
    /// Whether every value is 0 or 255, because the file had one bit for each.
    pub bilevel: bool,
    /// What else was in the file.
    pub metadata: Metadata,
}

impl Photo {
    /// Bytes in a row.
    pub fn stride(&self) -> usize {
        self.width * self.channels
    }

    /// The bytes of these rows.
    ///
    /// # Panics
    /// If the rows are not all inside the photo.
    pub fn rows(&self, rows: Range<usize>) -> &[u8] {
        &self.pixels[rows.start * self.stride()..rows.end * self.stride()]
    }

    /// The rows of each band, from top to bottom. Workers share one photo band by band.
    pub fn bands(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (step, height) = (self.band_height(), self.height);
        let first_rows = (0..height).step_by(step);
        first_rows.map(move |start| start..(start + step).min(height))
    }

    /// The bands, each with the memory of its rows: first those of the photo itself, which is the
    /// picture 0, then those of its two colours, 1 and 2, if it has them.
    pub fn bands_mut(&mut self) -> Vec<(usize, Range<usize>, &mut [u8])> {
        let (bands, step) = (self.bands(), self.band_height() * self.stride());
        let own = bands.zip(self.pixels.chunks_mut(step));
        let mut all: Vec<_> = own.map(|(rows, memory)| (0, rows, memory)).collect();
        for (index, colour) in (1..).zip(&mut self.colours) {
            let bands = colour.bands_mut().into_iter();
            all.extend(bands.map(|(_, rows, memory)| (index, rows, memory)));
        }
        all
    }

    /// Returns the memory of the pixels or frequencies, to be used again.
    pub fn into_memory(self) -> Vec<u8> {
        let memory = self.frequencies.map(Frequencies::into_memory);
        memory.unwrap_or(self.pixels)
    }

    /// Returns the metadata that fit a picture of this size and so many channels. An ICC profile is
    /// kept if it is for such a picture: an RGB profile for a grey picture would be wrong, and some
    /// programs refuse it.
    fn metadata_for(&self, channels: usize, strip: Strip) -> Metadata {
        // Bytes 16 to 19 of a profile name its colour space (ICC.1:2022, 7.2.6).
        let space: &[u8] = if channels == 1 { b"GRAY" } else { b"RGB " };
        let metadata = self.metadata.stripped(strip);
        let mut metadata = metadata.of_size(self.width, self.height);
        metadata.icc = metadata.icc.filter(|icc| icc.get(16..20) == Some(space));
        metadata
    }

    /// The number of rows in each band but the last: a whole number of JPEG's blocks, and so few
    /// that a band's blocks can be counted in 16 bits. It depends on the photo alone, not on the
    /// workers, so every strategy writes the same bytes.
    fn band_height(&self) -> usize {
        let blocks = |height: &usize| self.width.div_ceil(8) * height / 8;
        let fits = |height: &usize| blocks(height) <= usize::from(u16::MAX);
        [128, 64].into_iter().find(fits).unwrap_or(32)
    }
}

/// Returns memory of this length: that of `spare`, if that is enough. The system gives new memory
/// page by page, when each is first written to: so the workers that write do that, and not the one
/// that asks.
pub fn memory(mut spare: Vec<u8>, length: usize) -> Vec<u8> {
    if spare.capacity() < length {
        drop(spare);
        return vec![0; length];
    }
    spare.resize(length, 0);
    spare
}

/// The message about a photo of a kind that is not supported.
fn sentence(what: &str) -> String {
    format!("{what}: not supported, another program can write it anew")
}

/// Packs a row of black and white into bits, the first pixel in the highest.
fn bits(row: &[u8]) -> impl Iterator<Item = u8> {
    row.chunks(8).map(|pixels| {
        let bit = |(at, value): (usize, &u8)| (value & 0x80) >> at;
        pixels.iter().enumerate().map(bit).sum()
    })
}

/// What is left out of channels of so many bits, if anything is.
fn finer_bits(bits: usize) -> Option<String> {
    (bits > 8).then(|| format!("all but 8 of its {bits} bits a channel"))
}

/// What is left out of a file in which so many bytes [belong to no block](entropy::UNREAD).
fn unread(bytes: usize) -> Option<String> {
    match bytes {
        0 => None,
        1 => Some("a byte that belongs to no block, so the file may be damaged".to_owned()),
        _ => Some(format!(
            "{bytes} bytes that belong to no block, so the file may be damaged"
        )),
    }
}

/// What is left out of a file, in one line.
fn listed(left_out: &[String]) -> Option<String> {
    (!left_out.is_empty()).then(|| left_out.join(", and "))
}

/// What is left out of an animation.
fn first_of_frames(frames: usize) -> String {
    format!("the animation (only the first of its {frames} pictures is read)")
}
