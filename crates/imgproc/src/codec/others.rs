//! PNG, WebP and BMP, by the crate `image`.

use std::io::{Cursor, ErrorKind};

use anyhow::{Result, anyhow};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};

use super::metadata::Metadata;
use super::upright::from_image;
use super::{Photo, bmp, finer_bits, listed, png, sentence, webp};

/// A photo whose header was read.
pub struct Other<'a> {
    bytes: &'a [u8],
    format: ImageFormat,
    decoder: Box<dyn ImageDecoder + 'a>,
}

impl<'a> Other<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// If it is damaged, or of a kind that is not supported.
    pub fn open(bytes: &'a [u8], format: ImageFormat) -> Result<Self> {
        let reader = ImageReader::with_format(Cursor::new(bytes), format);
        let decoder = reader.into_decoder();
        Ok(Self {
            bytes,
            format,
            decoder: Box::new(decoder.map_err(|error| in_words(&error, format))?),
        })
    }

    /// The width and the height.
    pub fn size(&self) -> (usize, usize) {
        let (width, height) = self.decoder.dimensions();
        (width as usize, height as usize)
    }

    /// Decodes the picture.
    ///
    /// # Errors
    /// If it is damaged or cut short.
    pub fn decode(mut self) -> Result<Photo> {
        // `image` does not always keep to this limit, so `open` has checked the size. But it keeps
        // the decoder from allocating much more than the picture needs.
        let mut bound = image::Limits::no_limits();
        bound.max_alloc = Some(self.decoder.total_bytes().saturating_mul(4) + (64 << 20));
        let failed = |error| in_words(&error, self.format);
        self.decoder.set_limits(bound).map_err(failed)?;
        let color = self.decoder.color_type();
        let bits = 8 * usize::from(color.bytes_per_pixel() / color.channel_count());
        let mut metadata = self.metadata();
        let left_out = metadata.left_out.into_iter().chain(finer_bits(bits));
        metadata.left_out = listed(&left_out.collect::<Vec<_>>());
        metadata.icc = self.decoder.icc_profile().ok().flatten();
        let image = DynamicImage::from_decoder(self.decoder).map_err(failed)?;
        let photo = Photo {
            metadata,
            bilevel: self.format == ImageFormat::Png && png::is_bilevel(self.bytes),
            ..from_image(image)
        };
        if self.format != ImageFormat::Bmp {
            return Ok(photo);
        }
        let photo = bmp::with_passed_over(self.bytes, photo, |bytes| {
            let image = DynamicImage::from_decoder(Other::open(bytes, self.format)?.decoder);
            image.map(from_image).map_err(failed)
        })?;
        Ok(bmp::bilevel(self.bytes, bmp::visible(photo)))
    }

    fn metadata(&self) -> Metadata {
        match self.format {
            ImageFormat::Png => png::metadata(self.bytes),
            ImageFormat::WebP => webp::metadata(self.bytes),
            _ => Metadata {
                density: bmp::density(self.bytes),
                ..Metadata::default()
            },
        }
    }
}

/// Says what is wrong in a user's words. The decoders' own are for those who know the formats.
fn in_words(error: &ImageError, format: ImageFormat) -> anyhow::Error {
    let name = match format {
        ImageFormat::Png => "PNG",
        ImageFormat::WebP => "WebP",
        _ => "BMP",
    };
    match error {
        ImageError::Unsupported(_) => anyhow!(sentence(&format!("a {name} of a rare kind"))),
        ImageError::Limits(_) => anyhow!("the {name} needs too much memory to be decoded"),
        ImageError::IoError(cause) if cause.kind() == ErrorKind::UnexpectedEof => {
            anyhow!("the {name} is cut short")
        }
        _ => anyhow!("the {name} is damaged or cut short"),
    }
}
