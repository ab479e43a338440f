//! The first picture of a GIF.

use std::num::NonZeroU64;

use anyhow::{Result, bail};
use gif::{ColorOutput, DecodeOptions, Decoder, MemoryLimit};

use super::Photo;
use super::metadata::Metadata;

/// The most bytes of a picture: as many as the screen may have by default.
const MOST_BYTES: NonZeroU64 = NonZeroU64::new(1_000_000_000).unwrap();

/// Why a GIF is refused.
const DAMAGED: &str = "the GIF is damaged or cut short";

/// A GIF whose header was read.
pub struct Gif<'a> {
    bytes: &'a [u8],
    decoder: Decoder<&'a [u8]>,
}

impl<'a> Gif<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn open(bytes: &'a [u8]) -> Result<Self> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        options.check_lzw_end_code(true);
        // A picture may claim to be larger than the screen.
        options.set_memory_limit(MemoryLimit::Bytes(MOST_BYTES));
        match options.read_info(bytes) {
            Ok(decoder) => Ok(Self { bytes, decoder }),
            Err(_) => bail!(DAMAGED),
        }
    }

    /// The width and the height of the screen, on which the pictures are drawn.
    pub fn size(&self) -> (usize, usize) {
        (self.decoder.width().into(), self.decoder.height().into())
    }

    /// Draws the first picture.
    ///
    /// # Errors
    /// If it is damaged or cut short.
    pub fn decode(mut self) -> Result<Photo> {
        let (width, height) = self.size();
        let mut left_out: Vec<_> = self.other_frames().into_iter().collect();
        let Ok(Some(frame)) = self.decoder.read_next_frame() else {
            bail!(DAMAGED);
        };
        let mut pixels = vec![0; width * height * 4];
        let (left, top) = (usize::from(frame.left), usize::from(frame.top));
        if left + usize::from(frame.width) > width || top + usize::from(frame.height) > height {
            left_out.push("what lies outside of its screen".to_owned());
        }
        let stride = 4 * usize::from(frame.width);
        let inside = stride.min(4 * width.saturating_sub(left));
        let rows = frame.buffer.chunks_exact(stride.max(1));
        for (row, y) in rows.zip(top..height) {
            let start = 4 * (y * width + left.min(width));
            pixels[start..start + inside].copy_from_slice(&row[..inside]);
        }
        let opaque = pixels.iter().skip(3).step_by(4).all(|alpha| *alpha == 255);
        if opaque {
            pixels = pixels
                .chunks_exact(4)
                .flat_map(|of| [of[0], of[1], of[2]])
                .collect();
        }
        Ok(Photo {
            width,
            height,
            channels: if opaque { 3 } else { 4 },
            pixels,
            metadata: Metadata {
                left_out: super::listed(&left_out),
                ..Metadata::default()
            },
            ..Photo::default()
        })
    }

    fn other_frames(&self) -> Option<String> {
        let mut options = DecodeOptions::new();
        options.skip_frame_decoding(true);
        let mut frames = options.read_info(self.bytes).ok()?;
        let mut count = 0;
        while let Ok(Some(_)) = frames.next_frame_info() {
            count += 1;
        }
        (count > 1).then(|| super::first_of_frames(count))
    }
}
