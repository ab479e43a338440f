//! JPEG to pixels, with its metadata.

use anyhow::{Context, Result, bail};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::header::Header;
use super::metadata::{Density, Metadata, exif_block, photoshop};
use super::{Need, Photo, jpeg, sentence, shrunk};

const APP_0: u8 = 0xe0;
const APP_1: u8 = 0xe1;
const APP_13: u8 = 0xed;
const XMP_PREFIX: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// A JPEG whose header was read.
pub struct Jpeg<'a> {
    bytes: &'a [u8],
    header: Header,
    decoder: JpegDecoder<ZCursor<&'a [u8]>>,
    pub size: (usize, usize),
}

impl<'a> Jpeg<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// If it is damaged, or of a kind that the decoder does not read.
    pub fn open(bytes: &'a [u8]) -> Result<Self> {
        let header = Header::read(bytes);
        if let Some(why) = header.unreadable() {
            bail!(sentence(why));
        }
        let options = DecoderOptions::new_fast()
            .set_strict_mode(true)
            .set_max_width(usize::from(u16::MAX))
            .set_max_height(usize::from(u16::MAX))
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
        // The decoder's own words are for those who know the format's tables.
        if decoder.decode_headers().is_err() {
            bail!("the JPEG is damaged or cut short in its header");
        }
        let size = decoder.dimensions().context("a JPEG without a size")?;
        Ok(Self {
            bytes,
            header,
            decoder,
            size,
        })
    }

    /// Decodes what is needed of the picture into the memory of `spare`.
    ///
    /// # Errors
    /// If it is damaged or cut short.
    pub fn decode(mut self, need: Need, mut spare: Vec<u8>) -> Result<Photo> {
        const DAMAGED: &str = "the JPEG is damaged";
        let decoder = &mut self.decoder;
        // Only YCbCr has a luma channel to give; an RGB or CMYK JPEG is decoded whole.
        let (luma, usual) = match decoder.input_colorspace() {
            Some(ColorSpace::Luma) => (true, true),
            Some(ColorSpace::YCbCr) => (need.luma && self.header.has_luma(), !need.luma),
            _ => (false, false),
        };
        if luma {
            let options = decoder.options().jpeg_set_out_colorspace(ColorSpace::Luma);
            decoder.set_options(options);
        }
        // The decoder notices missing data, but neither a missing end marker, which is all that is
        // missing where a copy stopped in the last few bytes, nor a wrong restart marker.
        if let Err(what) = self.header.check_scans(self.bytes) {
            bail!(what);
        }
        let (mut width, mut height) = self.size;
        let small = match need.longer_side {
            Some(side) if usual => {
                let small = shrunk::decode(self.bytes, side, &mut spare);
                small.or_else(|_| bail!(DAMAGED))?
            }
            _ => None,
        };
        if let Some(size) = small {
            (width, height) = size;
        } else {
            spare.resize(decoder.output_buffer_size().context("no output size")?, 0);
            if decoder.decode_into(&mut spare).is_err() {
                bail!(DAMAGED);
            }
        }
        Ok(Photo {
            width,
            height,
            channels: spare.len() / (width * height),
            pixels: spare,
            metadata: Metadata {
                icc: self.decoder.icc_profile(),
                exif: self.decoder.exif().and_then(|exif| exif_block(exif)),
                ..metadata(self.bytes)
            },
        })
    }
}

/// Reads the metadata that the decoder does not give: XMP, Photoshop's, and the resolution.
fn metadata(bytes: &[u8]) -> Metadata {
    let (mut metadata, mut resources) = (Metadata::default(), Vec::new());
    for (kind, at) in jpeg::segments(bytes) {
        let data = jpeg::data(bytes, at);
        match kind {
            APP_0 => metadata.density = metadata.density.or_else(|| density(data)),
            APP_1 => {
                if let Some(xmp) = data.strip_prefix(XMP_PREFIX) {
                    metadata.xmp = Some(xmp.to_vec());
                }
            }
            // What does not fit into one segment goes on in the next.
            APP_13 => resources.extend(data.strip_prefix(photoshop::PREFIX).unwrap_or_default()),
            _ => {}
        }
    }
    metadata.photoshop = Some(resources).filter(|resources| !resources.is_empty());
    metadata
}

/// Reads the resolution of JFIF 1.02: behind its name and version.
fn density(data: &[u8]) -> Option<Density> {
    let rest = data.strip_prefix(b"JFIF\0")?;
    let dots = |at| {
        Some(f64::from(u16::from_be_bytes(
            *rest.get(at..)?.first_chunk()?,
        )))
    };
    let dots = [dots(3)?, dots(5)?];
    match rest.get(2)? {
        1 => Density::per_inch(dots),
        2 => Density::per_centimetre(dots),
        // Only the ratio is known.
        _ => None,
    }
}
