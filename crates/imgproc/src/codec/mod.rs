//! From a file's bytes to pixels and back. Knows nothing of folders, strategies or timelines.
//!
//! The codecs are the expensive part of this lesson (more than any filter), so JPEG's were chosen by measuring, among those that
//! need no system package: `cargo bench --bench imgproc -- jpeg` has them side by side, and the book's page "Measured" has the
//! figures. `zune-jpeg` decodes: it is quick, it can give the Y channel alone, it is what the `image` crate itself uses, and it is `unsafe`
//! in SIMD only, which matters for bytes that come from anybody; what it gets wrong is refused. `libjpeg-turbo-rs` encodes, at two and a half to three times the
//! speed of `jpeg-encoder`: it is young and has more `unsafe`, but what it reads is our own pixels, and what it
//! writes is the same, byte for byte, as the C library that it follows. All of it is in [`decode`] and [`encode_band`]: who wants others
//! changes those two. Every other format goes through `image`.

use std::ops::Range;

mod decode;
mod encode;
mod jpeg;

pub use decode::{Limits, decode, probe};
pub use encode::{Format, encode, encode_band, join};

/// An image in memory: 8 bits a channel, rows from top to bottom, no padding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Photo {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bytes a pixel: 1 is luma, 3 is RGB, 4 is RGB with alpha (not premultiplied).
    pub channels: usize,
    /// `width * height * channels` bytes.
    pub pixels: Vec<u8>,
    /// What the file said about itself.
    pub metadata: Metadata,
}

/// What a file carries beside its pixels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The ICC colour profile.
    pub icc: Option<Vec<u8>>,
    /// The EXIF block (a TIFF structure, without JPEG's `Exif\0\0` prefix). Its orientation
    /// tag has been applied to the pixels and reset.
    pub exif: Option<Vec<u8>>,
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

    /// The rows of each band, from top to bottom. Bands are what workers share one photo by.
    pub fn bands(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (step, height) = (self.band_height(), self.height);
        let first_rows = (0..height).step_by(step);
        first_rows.map(move |start| start..(start + step).min(height))
    }

    /// The bands, each with the memory of its rows.
    pub fn bands_mut(&mut self) -> Vec<(Range<usize>, &mut [u8])> {
        let (bands, step) = (self.bands(), self.band_height() * self.stride());
        bands.zip(self.pixels.chunks_mut(step)).collect()
    }

    /// Rows in a band, all but the last: a whole number of JPEG's blocks, few enough that a band's
    /// blocks can be counted in 16 bits. It depends on the photo alone, never on the workers, and so
    /// every strategy writes the same bytes.
    fn band_height(&self) -> usize {
        let blocks = |height: &usize| self.width.div_ceil(8) * height / 8;
        let fits = |height: &usize| blocks(height) <= usize::from(u16::MAX);
        [128, 64].into_iter().find(fits).unwrap_or(32)
    }
}
