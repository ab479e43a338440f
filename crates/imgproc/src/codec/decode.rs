//! Bytes to pixels, with three promises that decoders do not make by themselves: a picture that is
//! too large is refused before it is decoded, one that was cut short is an error and not a grey
//! tail, and the EXIF orientation is applied.

use std::borrow::Cow;
use std::ops::Range;

use anyhow::{Context, Result, bail};
use image::ImageFormat;

use super::from_jpeg::Jpeg;
use super::gif::{self, Gif};
use super::ifd::Structure;
use super::mended::mended as jpeg_mended;
use super::others::Other;
use super::tiff::Tiff;
use super::upright::upright;
use super::{Limits, Luma, Part, Photo, bmp, png, sentence};

/// What of a photo is needed. The less it is, the less a decoder has to do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Need {
    /// Luma is enough. Then a JPEG is decoded to its Y channel alone. JPEG's Y *is* the course's
    /// grey, 0.299 R + 0.587 G + 0.114 B (BT.601, as JFIF 1.02 prescribes), so this is the same
    /// picture for half the work. Other formats are decoded as they are, and so are JPEGs with a
    /// rare sampling.
    pub luma: bool,
    /// The picture will be shrunk until its longer side has this length. A JPEG may be given at
    /// that size right away, which takes less work.
    pub longer_side: Option<usize>,
    /// The picture will be encoded as a JPEG as it is. So the [`Frequencies`] of luma will do in
    /// place of its pixels, where a file has them.
    ///
    /// [`Frequencies`]: super::Frequencies
    pub frequencies: bool,
    /// The picture will be encoded as a JPEG, and until then all channels are treated alike. So
    /// they may be given as [planes](Photo::colours).
    pub planes: bool,
}

/// A photo's file whose header was read, and found to be within the limits.
pub struct Encoded<'a> {
    size: (usize, usize),
    decoder: Decoder<'a>,
}

enum Decoder<'a> {
    Jpeg(Box<Jpeg<'a>>),
    Tiff(Box<Tiff<'a>>),
    Gif(Box<Gif<'a>>),
    Other(Other<'a>),
}

/// Returns a file's bytes with those faults of its header mended that the decoders do not read.
///
/// These are bytes between the segments of a JPEG, a segment that is too short, and a height that
/// is told late. Of BMP files they are the header that OS/2 gave them, a missing header, and a
/// wrong number of planes. Of GIF files they are a missing table of colours and unknown extensions,
/// and of PNG files it is a transparent grey with too many bits. Most files are returned as they
/// are.
pub fn mended(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        [0xff, 0xd8, ..] => jpeg_mended(bytes),
        [0x89, b'P', b'N', b'G', ..] => png::mended(bytes),
        [b'B', b'M', ..] => bmp::mended(bytes),
        [b'G', b'I', b'F', ..] => gif::mended(bytes),
        _ if bmp::is_bare(bytes) => bmp::with_file_header(bytes).map_or(bytes.into(), Cow::Owned),
        _ => Cow::Borrowed(bytes),
    }
}

/// Checks that a file that begins so is a photo of a supported format.
///
/// # Errors
/// If it is not.
pub fn check_format(start: &[u8]) -> Result<()> {
    format_of(start).map(|_| ())
}

fn format_of(bytes: &[u8]) -> Result<ImageFormat> {
    if bytes.is_empty() {
        bail!("the file is empty");
    }
    let format = image::guess_format(bytes).ok().or_else(|| {
        // BigTIFF and DIB, which `image` does not know.
        let big_tiff = Structure::open(bytes).map(|_| ImageFormat::Tiff);
        big_tiff.or(bmp::is_bare(bytes).then_some(ImageFormat::Bmp))
    });
    if bytes.get(4..8) == Some(b"ftyp") {
        bail!(sentence("a HEIC or AVIF"));
    }
    match format.context("not a photo")? {
        format @ (ImageFormat::Jpeg
        | ImageFormat::Png
        | ImageFormat::WebP
        | ImageFormat::Tiff
        | ImageFormat::Gif
        | ImageFormat::Bmp) => Ok(format),
        _ => bail!("not a photo of a supported format (JPEG, PNG, WebP, TIFF, BMP, GIF)"),
    }
}

/// Reads a photo's header. Its bytes, which should be [`mended`], decide the format, not the file's
/// name.
///
/// # Errors
/// If the bytes are of no supported format, the header is damaged, or the picture is larger than
/// the limits allow, or of a kind that is not supported.
pub fn open(bytes: &[u8], limits: Limits) -> Result<Encoded<'_>> {
    let (decoder, size) = match format_of(bytes)? {
        ImageFormat::Jpeg => {
            let jpeg = Jpeg::open(bytes)?;
            let size = jpeg.size;
            (Decoder::Jpeg(Box::new(jpeg)), size)
        }
        ImageFormat::Tiff => {
            let tiff = Tiff::open(bytes)?;
            let size = tiff.size();
            (Decoder::Tiff(Box::new(tiff)), size)
        }
        ImageFormat::Gif => {
            let gif = Gif::open(bytes)?;
            let size = gif.size();
            (Decoder::Gif(Box::new(gif)), size)
        }
        format => {
            let other = Other::open(bytes, format)?;
            let size = other.size();
            (Decoder::Other(other), size)
        }
    };
    limits.check(size.0, size.1)?;
    Ok(Encoded { size, decoder })
}

/// Returns the number of pixels that `bytes` claim to hold, from their header alone.
///
/// # Errors
/// As [`open`].
pub fn probe(bytes: &[u8], limits: Limits) -> Result<u64> {
    open(&mended(bytes), limits).map(|encoded| encoded.pixels())
}

/// Decodes a photo of any supported format: [`mended`], [`open`], then [`Encoded::decode`].
///
/// # Errors
/// As these two.
pub fn decode(bytes: &[u8], luma: bool, limits: Limits, spare: Vec<u8>) -> Result<Photo> {
    let need = Need {
        luma,
        ..Need::default()
    };
    open(&mended(bytes), limits)?.decode(need, spare)
}

impl Encoded<'_> {
    /// The number of pixels.
    pub fn pixels(&self) -> u64 {
        self.size.0 as u64 * self.size.1 as u64
    }

    /// Divides the photo into parts that so many workers can decode at the same time, and makes
    /// `memory` large enough for them. When all have been decoded, [`decoded`](Self::decoded) makes
    /// the photo. If there are none, [`in_steps`](Self::in_steps) may help. If one fails,
    /// [`decode`](Self::decode) says why.
    pub fn parts<'b>(
        &'b self,
        need: Need,
        workers: usize,
        memory: &'b mut Vec<u8>,
    ) -> Vec<Part<'b>> {
        match &self.decoder {
            Decoder::Jpeg(jpeg) if workers > 1 => jpeg.parts(need, workers, memory),
            _ => Vec::new(),
        }
    }

    /// Returns what [`parts`](Self::parts) can't divide, but several workers can decode in two
    /// steps: one [reads](Luma::read), and others [transform](super::Band::transform) what was
    /// read. It makes `memory` large enough. Then [`decoded`](Self::decoded) makes the photo. If it
    /// fails, [`decode`](Self::decode) does it.
    pub fn in_steps<'b>(&'b self, need: Need, memory: &'b mut Vec<u8>) -> Option<Luma<'b>> {
        match &self.decoder {
            Decoder::Jpeg(jpeg) => jpeg.in_steps(need, memory),
            _ => None,
        }
    }

    /// Makes a photo of [parts](Self::parts) that were decoded to these places in `memory`, or of
    /// what was decoded there [in steps](Self::in_steps), and applies its EXIF orientation.
    ///
    /// # Errors
    /// If it can't be decoded so.
    pub fn decoded(self, need: Need, memory: Vec<u8>, places: &[Range<usize>]) -> Result<Photo> {
        match self.decoder {
            Decoder::Jpeg(jpeg) => upright(jpeg.joined(need, memory, places)?),
            _ => bail!("a photo without parts"),
        }
    }

    /// Decodes what is needed of the photo into the memory of `spare`, and applies its EXIF
    /// orientation.
    ///
    /// # Errors
    /// If the picture is damaged or cut short.
    pub fn decode(self, need: Need, spare: Vec<u8>) -> Result<Photo> {
        let photo = match self.decoder {
            Decoder::Jpeg(jpeg) => jpeg.decode(need, spare)?,
            Decoder::Tiff(tiff) => tiff.decode(spare)?,
            Decoder::Gif(gif) => gif.decode()?,
            Decoder::Other(other) => other.decode()?,
        };
        upright(photo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libjpeg_turbo_rs::{Encoder, PixelFormat};

    /// The size is no whole number of blocks. The samplings are those of cameras, those that a
    /// quarter turn leaves, and others, some of which the fast decoder would decode to garbage.
    #[test]
    fn grey_and_colour_are_the_same_however_they_are_sampled() {
        let (width, height) = (131, 77);
        let rgb = |i: usize| [(i % width) as u8, (2 * (i / width)) as u8, 128];
        let pixels: Vec<u8> = (0..width * height).flat_map(rgb).collect();
        let limits = Limits {
            max_pixels: 1 << 20,
        };
        let of_luma = [
            (1, 1),
            (2, 1),
            (2, 2),
            (1, 2),
            (4, 1),
            (1, 4),
            (4, 2),
            (1, 3),
            (3, 1),
            (3, 2),
        ];
        let rare = [
            vec![(1, 1), (2, 1), (1, 1)],
            vec![(1, 1), (1, 2), (2, 2)],
            vec![(2, 2), (2, 1), (1, 2)],
        ];
        let samplings = of_luma.map(|luma| vec![luma, (1, 1), (1, 1)]);
        for sampling in samplings.into_iter().chain(rare) {
            for progressive in [false, true] {
                let encoder = Encoder::new(&pixels, width, height, PixelFormat::Rgb)
                    .sampling_factors(sampling.clone())
                    .progressive(progressive);
                let file = encoder.quality(95).encode().unwrap();
                let what = format!("{sampling:?}, progressive: {progressive}");
                assert_eq!(probe(&file, limits).expect(&what), (width * height) as u64);
                for luma in [false, true] {
                    let photo = decode(&file, luma, limits, Vec::new()).expect(&what);
                    assert_eq!((photo.width, photo.height), (width, height));
                    if luma && matches!(sampling[0], (1, 1) | (2, 1) | (2, 2) | (3, _)) {
                        assert_eq!(photo.channels, 1, "{what}: the slow way");
                    }
                    let most = furthest(&pixels, &photo);
                    assert!(most < 8.0, "{what}, luma: {luma}: off by {most}");
                }
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
