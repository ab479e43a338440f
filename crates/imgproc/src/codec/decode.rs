//! Bytes to pixels, with three promises that decoders do not make by themselves: a picture that is
//! too large is refused before it is decoded, one that was cut short is an error and not a grey
//! tail, and the EXIF orientation is applied.

use std::io::Cursor;

use anyhow::{Context, Result, bail};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use serde::{Deserialize, Serialize};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::upright::{from_image, upright};
use super::{Metadata, Photo, jpeg};

/// The limits on what is decoded.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Limits {
    /// The most pixels a photo may have. A file of a few kilobytes can claim billions.
    pub max_pixels: u64,
}

impl Default for Limits {
    /// 250 megapixels: more than any camera has.
    fn default() -> Self {
        Self {
            max_pixels: 250_000_000,
        }
    }
}

impl Limits {
    fn check(self, width: usize, height: usize) -> Result<()> {
        let pixels = width as u64 * height as u64;
        if pixels == 0 {
            bail!("{width} x {height} pixels: there is nothing in it");
        }
        if pixels > self.max_pixels {
            bail!(
                "{width} x {height} is {} megapixels, more than the {} that --max-megapixels allows",
                pixels / 1_000_000,
                self.max_pixels / 1_000_000
            );
        }
        Ok(())
    }
}

/// A photo's file whose header was read, and found to be within the limits.
pub struct Encoded<'a> {
    bytes: &'a [u8],
    size: (usize, usize),
    decoder: Decoder<'a>,
}

enum Decoder<'a> {
    Jpeg(Box<JpegDecoder<ZCursor<&'a [u8]>>>, jpeg::Header),
    Other(Box<dyn ImageDecoder + 'a>),
}

/// Reads a photo's header. Its bytes decide the format, not the file's name.
///
/// # Errors
/// If the bytes are of no supported format, the header is damaged, or the picture is larger than
/// the limits allow, or a JPEG of a layout that the decoder does not read.
pub fn open(bytes: &[u8], limits: Limits) -> Result<Encoded<'_>> {
    if bytes.is_empty() {
        bail!("the file is empty");
    }
    let (decoder, size) = match image::guess_format(bytes).context("not a photo")? {
        ImageFormat::Jpeg => open_jpeg(bytes)?,
        format => {
            let reader = ImageReader::with_format(Cursor::new(bytes), format);
            let decoder = reader.into_decoder().context("bad header")?;
            let (width, height) = decoder.dimensions();
            let size = (width as usize, height as usize);
            (Decoder::Other(Box::new(decoder)), size)
        }
    };
    limits.check(size.0, size.1)?;
    Ok(Encoded {
        bytes,
        size,
        decoder,
    })
}

/// Returns the number of pixels that `bytes` claim to hold, from their header alone.
///
/// # Errors
/// As [`open`].
pub fn probe(bytes: &[u8], limits: Limits) -> Result<u64> {
    open(bytes, limits).map(|encoded| encoded.pixels())
}

/// Decodes a photo of any supported format: [`open`], then [`Encoded::decode`].
///
/// # Errors
/// As these two.
pub fn decode(bytes: &[u8], luma: bool, limits: Limits, spare: Vec<u8>) -> Result<Photo> {
    open(bytes, limits)?.decode(luma, spare)
}

impl Encoded<'_> {
    /// The number of pixels.
    pub fn pixels(&self) -> u64 {
        self.size.0 as u64 * self.size.1 as u64
    }

    /// Decodes the photo into the memory of `spare`, and applies its EXIF orientation.
    ///
    /// With `luma`, a JPEG is decoded to its Y channel alone. JPEG's Y *is* the course's grey,
    /// 0.299 R + 0.587 G + 0.114 B (BT.601, as JFIF 1.02 prescribes), so this is the same picture
    /// for half the work. Other formats are decoded as they are, and so are JPEGs with a rare
    /// sampling.
    ///
    /// # Errors
    /// If the picture is damaged or cut short.
    pub fn decode(self, luma: bool, spare: Vec<u8>) -> Result<Photo> {
        let photo = match self.decoder {
            Decoder::Jpeg(decoder, header) => {
                decode_jpeg(self.bytes, *decoder, &header, self.size, luma, spare)?
            }
            Decoder::Other(decoder) => decode_other(decoder)?,
        };
        upright(photo)
    }
}

fn open_jpeg(bytes: &[u8]) -> Result<(Decoder<'_>, (usize, usize))> {
    let header = jpeg::Header::read(bytes);
    if let Some(why) = header.unreadable() {
        bail!("{why}: not supported, another program can write it anew");
    }
    let options = DecoderOptions::new_fast()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().context("bad JPEG header")?;
    let size = decoder.dimensions().context("a JPEG without a size")?;
    Ok((Decoder::Jpeg(Box::new(decoder), header), size))
}

fn decode_jpeg(
    bytes: &[u8],
    mut decoder: JpegDecoder<ZCursor<&[u8]>>,
    header: &jpeg::Header,
    (width, height): (usize, usize),
    luma: bool,
    mut spare: Vec<u8>,
) -> Result<Photo> {
    // Only YCbCr has a luma channel to give; an RGB or CMYK JPEG is decoded whole.
    let luma = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => true,
        Some(ColorSpace::YCbCr) => luma && header.has_luma(),
        _ => false,
    };
    if luma {
        let options = decoder.options().jpeg_set_out_colorspace(ColorSpace::Luma);
        decoder.set_options(options);
    }
    // The decoder notices missing data, but not a missing end marker, which is all that is missing
    // where a copy stopped in the last few bytes.
    if !header.has_end(bytes) {
        bail!("the JPEG is cut short: it has no end marker");
    }
    let length = decoder.output_buffer_size().context("no output size")?;
    spare.resize(length, 0);
    decoder.decode_into(&mut spare).context("damaged JPEG")?;
    Ok(Photo {
        width,
        height,
        channels: length / (width * height),
        pixels: spare,
        metadata: Metadata {
            icc: decoder.icc_profile(),
            exif: decoder.exif().cloned(),
        },
    })
}

fn decode_other(mut decoder: Box<dyn ImageDecoder + '_>) -> Result<Photo> {
    // `image` does not always keep to this limit, so `open` has checked the size. But it keeps the
    // decoder from allocating much more than the picture needs.
    let mut bound = image::Limits::no_limits();
    bound.max_alloc = Some(decoder.total_bytes().saturating_mul(4) + (64 << 20));
    decoder.set_limits(bound).context("too large")?;
    let metadata = Metadata {
        icc: decoder.icc_profile().ok().flatten(),
        exif: decoder.exif_metadata().ok().flatten(),
    };
    let image = DynamicImage::from_decoder(decoder).context("damaged picture")?;
    Ok(Photo {
        metadata,
        ..from_image(image)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use libjpeg_turbo_rs::{Encoder, PixelFormat};

    /// The size is no whole number of blocks. The samplings are those of cameras, those that a
    /// quarter turn leaves, and others.
    #[test]
    fn grey_and_colour_are_the_same_however_they_are_sampled() {
        let (width, height) = (131, 77);
        let rgb = |i: usize| [(i % width) as u8, (2 * (i / width)) as u8, 128];
        let pixels: Vec<u8> = (0..width * height).flat_map(rgb).collect();
        let limits = Limits {
            max_pixels: 1 << 20,
        };
        for sampling in [
            (1, 1),
            (2, 1),
            (2, 2),
            (1, 2),
            (4, 1),
            (1, 4),
            (4, 2),
            (1, 3),
        ] {
            for progressive in [false, true] {
                let encoder = Encoder::new(&pixels, width, height, PixelFormat::Rgb)
                    .sampling_factors(vec![sampling, (1, 1), (1, 1)])
                    .progressive(progressive);
                let file = encoder.quality(95).encode().unwrap();
                let what = format!("{sampling:?}, progressive: {progressive}");
                assert_eq!(probe(&file, limits).expect(&what), (width * height) as u64);
                for luma in [false, true] {
                    let photo = decode(&file, luma, limits, Vec::new()).expect(&what);
                    assert_eq!((photo.width, photo.height), (width, height));
                    if luma && matches!(sampling, (1, 1) | (2, 1) | (2, 2)) {
                        assert_eq!(photo.channels, 1, "{what}: the slow way");
                    }
                    let most = furthest(&pixels, &photo);
                    assert!(most < 8.0, "{what}, luma: {luma}: off by {most}");
                }
            }
        }
    }

    /// The decoder accepts these layouts, and decodes them to garbage.
    #[test]
    fn what_would_be_read_wrongly_is_refused() {
        let limits = Limits {
            max_pixels: 1 << 20,
        };
        let pixels = vec![100; 40 * 40 * 3];
        let encoded = |sampling: [(u8, u8); 3]| {
            let encoder = Encoder::new(&pixels, 40, 40, PixelFormat::Rgb);
            encoder.sampling_factors(sampling.to_vec()).encode()
        };
        let fewer = encoded([(1, 1), (2, 1), (1, 1)]).unwrap();
        let mut pieces = encoded([(2, 2), (1, 1), (1, 1)]).unwrap();
        assert!(decode(&pieces, false, limits, Vec::new()).is_ok());
        // Only the header is changed, which is enough for a refusal.
        let scan = pieces.windows(2).position(|at| at == [0xff, 0xda]).unwrap();
        pieces[scan + 4] = 1;
        let three = encoded([(3, 1), (1, 1), (1, 1)]).unwrap();
        for (file, expected) in [
            (fewer, "has fewer samples"),
            (pieces, "several scans"),
            (three, "not a power of two"),
        ] {
            let errors = [
                probe(&file, limits).unwrap_err(),
                decode(&file, false, limits, Vec::new()).unwrap_err(),
            ];
            for error in errors {
                assert!(format!("{error:#}").contains(expected), "{error:#}");
            }
        }
    }

    /// Returns the largest difference in any channel of any pixel.
    fn furthest(rgb: &[u8], photo: &Photo) -> f32 {
        let of_pixel = |(was, is): (&[u8], &[u8])| {
            let was = [was[0], was[1], was[2]].map(f32::from);
            let luma = 0.299 * was[0] + 0.587 * was[1] + 0.114 * was[2];
            match is {
                [is] => (luma - f32::from(*is)).abs(),
                _ => was
                    .iter()
                    .zip(is)
                    .map(|(was, is)| (was - f32::from(*is)).abs())
                    .fold(0.0, f32::max),
            }
        };
        rgb.chunks(3)
            .zip(photo.pixels.chunks(photo.channels))
            .map(of_pixel)
            .fold(0.0, f32::max)
    }
}
