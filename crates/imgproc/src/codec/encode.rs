//! Pixels to bytes.

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use image::codecs::bmp::BmpEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageError};
use serde::{Deserialize, Serialize};

use super::bands::{encode_band, join};
use super::{Metadata, Photo, Strip, bmp, png, tiff, webp};

/// The most columns and rows of a lossless WebP (RFC 9649, section 3.4).
const MOST_WEBP: usize = 16_384;

/// A format that photos can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Format {
    /// Baseline JPEG; colour is subsampled 4:2:0, as cameras and other tools do.
    Jpeg,
    /// PNG, 8 bits a channel.
    Png,
    /// WebP, lossless.
    Webp,
    /// TIFF, compressed without loss.
    Tiff,
    /// BMP; it has no place for metadata.
    Bmp,
}

impl Format {
    /// The format that a file name's extension stands for.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Some(match extension.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" | "jpe" | "jfif" => Self::Jpeg,
            "png" | "apng" => Self::Png,
            "webp" => Self::Webp,
            "tif" | "tiff" | "btf" => Self::Tiff,
            "bmp" | "dib" => Self::Bmp,
            _ => return None,
        })
    }

    /// The extension that a new file of this format gets.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Tiff => "tiff",
            Self::Bmp => "bmp",
        }
    }

    /// Returns why files of this format may be much larger than others, if they may be.
    pub fn why_large(self) -> Option<&'static str> {
        match self {
            Self::Jpeg => None,
            Self::Png | Self::Tiff => {
                Some("8 bits of every value are kept; JPEG, lossy WebP and palettes need less")
            }
            Self::Webp => Some("there is no encoder for lossy WebP here, and every value is kept"),
            Self::Bmp => Some("nothing is compressed"),
        }
    }

    /// Whether bands of rows can be encoded one by one, and joined.
    pub fn has_bands(self) -> bool {
        self == Self::Jpeg
    }
}

/// Encodes a photo into the memory of `spare`.
///
/// # Errors
/// If the format can't hold such a photo.
pub fn encode(
    photo: &Photo,
    format: Format,
    quality: u8,
    strip: Strip,
    mut spare: Vec<u8>,
) -> Result<Vec<u8>> {
    spare.clear();
    // WebP's container is written here, and BMP has a place for the resolution only.
    let (metadata, plain) = (
        photo.metadata_for(photo.channels, strip),
        Metadata::default(),
    );
    let is_bilevel = photo.bilevel && photo.channels == 1;
    let mut out = std::io::Cursor::new(spare);
    match format {
        Format::Jpeg => {
            let bands = photo.bands();
            let bands: Result<Vec<_>> = bands
                .map(|rows| encode_band(photo, rows, quality, strip))
                .collect();
            return join(&bands?, photo.height, out.into_inner());
        }
        Format::Tiff => return tiff::write::write(photo, &metadata, out.into_inner()),
        Format::Png if is_bilevel => {
            let file = png::with_bits(photo, &metadata);
            return Ok(png::with_metadata(file, &metadata));
        }
        Format::Bmp if is_bilevel => return Ok(with_density(bmp::with_bits(photo)?, &metadata)),
        Format::Png => write(photo, PngEncoder::new(&mut out), &metadata),
        Format::Webp if photo.width.max(photo.height) > MOST_WEBP => {
            bail!("larger than the {MOST_WEBP} pixels a side that a WebP can have")
        }
        Format::Webp => write(photo, WebPEncoder::new_lossless(&mut out), &plain),
        Format::Bmp => write(photo, BmpEncoder::new(&mut out), &plain),
    }
    .with_context(|| format!("can't be written as {}", format.extension()))?;
    let file = out.into_inner();
    Ok(match format {
        Format::Png => png::with_metadata(file, &metadata),
        Format::Webp => {
            let size = (photo.width, photo.height);
            webp::with_metadata(file, size, photo.channels == 4, &metadata)
        }
        _ => with_density(file, &metadata),
    })
}

fn with_density(mut bmp: Vec<u8>, metadata: &Metadata) -> Vec<u8> {
    if let Some(density) = metadata.density {
        bmp::set_density(&mut bmp, density);
    }
    bmp
}

fn write(photo: &Photo, mut encoder: impl ImageEncoder, of: &Metadata) -> image::ImageResult<()> {
    if let Some(icc) = &of.icc {
        let set = encoder.set_icc_profile(icc.clone());
        set.map_err(ImageError::Unsupported)?;
    }
    if let Some(exif) = &of.exif {
        let set = encoder.set_exif_metadata(exif.clone());
        set.map_err(ImageError::Unsupported)?;
    }
    let color = match photo.channels {
        1 => ExtendedColorType::L8,
        3 => ExtendedColorType::Rgb8,
        _ => ExtendedColorType::Rgba8,
    };
    encoder.write_image(
        &photo.pixels,
        photo.width as u32,
        photo.height as u32,
        color,
    )
}
