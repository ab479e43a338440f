//! Pixels to the bytes of a JPEG, band by band: so workers can share the work on one photo.

use std::ops::Range;

use anyhow::{Context, Result};
use libjpeg_turbo_rs::{Encoder, PixelFormat, SavedMarker, Subsampling, compress_raw};

use super::metadata::photoshop;
use super::{Density, Photo, Strip, jpeg};

/// The longest ICC profile that a JPEG can hold, in bytes: 255 segments without their headings
/// (ICC.1:2022, B.4).
const MOST_ICC: usize = 255 * 65_519;

/// The most bytes of other metadata in a segment, which has 65 533 with their heading.
const MOST_IN_SEGMENT: usize = 65_000;

/// The segment of Photoshop's metadata.
const APP_13: u8 = 0xed;

/// JFIF's unit of the resolution.
const DOTS_PER_INCH: u8 = 1;

/// Encodes one of a photo's [bands](Photo::bands) as a JPEG of its own, to be [`join`]ed with the
/// others.
///
/// # Errors
/// If the photo is wider than a JPEG can be (65 535).
pub fn encode_band(
    photo: &Photo,
    rows: Range<usize>,
    quality: u8,
    strip: Strip,
) -> Result<Vec<u8>> {
    if let Some(frequencies) = &photo.frequencies {
        // The header is the encoder's, for a picture of one block. It gets the photo's width.
        let block = encoded(photo, &[0; 64], (8, 8), 1, rows.start == 0, quality, strip)?;
        let mut band = jpeg::header_with_width(block, photo.width);
        frequencies.write(rows, photo.width, &mut band)?;
        band.extend([0xff, jpeg::END_OF_IMAGE]);
        return Ok(band);
    }
    if let [blue, red] = &photo.colours[..] {
        return planes(photo, [blue, red], rows, quality, strip);
    }
    let flat;
    let (pixels, channels) = match photo.channels {
        // JPEG has no alpha: what is transparent becomes white.
        4 => {
            flat = over_white(photo.rows(rows.clone()));
            (flat.as_slice(), 3)
        }
        channels => (photo.rows(rows.clone()), channels),
    };
    let size = (photo.width, rows.len());
    encoded(
        photo,
        pixels,
        size,
        channels,
        rows.start == 0,
        quality,
        strip,
    )
}

/// Encodes a band of a photo whose channels are planes.
fn planes(
    photo: &Photo,
    [blue, red]: [&Photo; 2],
    rows: Range<usize>,
    quality: u8,
    strip: Strip,
) -> Result<Vec<u8>> {
    let height = rows.len();
    let halves = rows.start / 2..rows.end.div_ceil(2);
    let first = rows.start == 0;
    let planes = [
        photo.rows(rows),
        blue.rows(halves.clone()),
        red.rows(halves.clone()),
    ];
    let band = compress_raw(
        &planes,
        &[photo.width, blue.width, red.width],
        &[height, halves.len(), halves.len()],
        photo.width,
        height,
        quality,
        Subsampling::S420,
    )
    .context("JPEG encoder")?;
    if !first {
        return Ok(band);
    }
    // It has no place for metadata. They are in a header that the encoder makes for one unit.
    let unit = encoded(photo, &[0; 16 * 16 * 3], (16, 16), 3, true, quality, strip)?;
    Ok(jpeg::with_scan_of(
        jpeg::header_with_width(unit, photo.width),
        &band,
    ))
}

/// Encodes pixels of a photo. If they are `first`, the header has what belongs to the whole photo.
fn encoded(
    photo: &Photo,
    pixels: &[u8],
    (width, height): (usize, usize),
    channels: usize,
    first: bool,
    quality: u8,
    strip: Strip,
) -> Result<Vec<u8>> {
    // In colour, each 2 x 2 pixels share their mean: 4:2:0, with blocks of 16 x 16 pixels.
    let (format, subsampling, block) = match channels {
        1 => (PixelFormat::Grayscale, Subsampling::S444, 8),
        _ => (PixelFormat::Rgb, Subsampling::S420, 16),
    };
    u16::try_from(width).context("too wide for a JPEG")?;
    if !first && channels == 1 {
        // The same bytes as below, without the copies that the encoder makes of luma, and of two
        // planes of colour that are not there. But it has no place for metadata.
        let (widths, heights) = ([width], [height]);
        let band = compress_raw(
            &[pixels],
            &widths,
            &heights,
            width,
            height,
            quality,
            subsampling,
        );
        return band.context("JPEG encoder");
    }
    // Baseline even at a very low quality, where other encoders use 16-bit tables, which not every
    // decoder reads.
    let mut encoder = Encoder::new(pixels, width, height, format)
        .quality(quality)
        .subsampling(subsampling)
        .force_baseline(true);
    if !first {
        return encoder.encode().context("JPEG encoder");
    }
    let metadata = photo.metadata_for(channels, strip);
    // Metadata that are too large for JPEG's segments are dropped, not the photo.
    if let Some(exif) = metadata
        .exif
        .as_ref()
        .filter(|exif| exif.len() < MOST_IN_SEGMENT)
    {
        encoder = encoder.exif_data(exif);
    }
    if let Some(icc) = metadata.icc.as_ref().filter(|icc| icc.len() <= MOST_ICC) {
        encoder = encoder.icc_profile(icc);
    }
    if let Some(xmp) = metadata
        .xmp
        .as_ref()
        .filter(|xmp| xmp.len() < MOST_IN_SEGMENT)
    {
        encoder = encoder.xmp_data(xmp);
    }
    for part in metadata
        .photoshop
        .iter()
        .flat_map(|all| all.chunks(MOST_IN_SEGMENT))
    {
        encoder = encoder.saved_marker(SavedMarker {
            code: APP_13,
            data: [photoshop::PREFIX, part].concat(),
        });
    }
    if let Some([x, y]) = metadata.density.map(Density::dots_per_inch) {
        encoder = encoder.density(DOTS_PER_INCH, x, y);
    }
    let first = encoder.encode().context("JPEG encoder")?;
    // A band is one restart interval: the blocks across, times the block rows in a band. The
    // encoder does not know of it, since no restart falls inside a band, and is faster so.
    let interval = photo.width.div_ceil(block) * (photo.band_height() / block);
    let interval = u16::try_from(interval).context("too wide for a JPEG")?;
    Ok(jpeg::with_restart_interval(first, interval))
}

/// Joins the bands of a photo of `height` rows, in order, into one file, in the memory of `spare`.
///
/// # Errors
/// If the photo is higher than a JPEG can be (65 535).
pub fn join(bands: &[Vec<u8>], height: usize, spare: Vec<u8>) -> Result<Vec<u8>> {
    u16::try_from(height).context("too high for a JPEG")?;
    Ok(jpeg::join(bands, height, spare))
}

fn over_white(rgba: &[u8]) -> Vec<u8> {
    let blend = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    rgba.chunks_exact(4)
        .flat_map(|p| [blend(p[0], p[3]), blend(p[1], p[3]), blend(p[2], p[3])])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::jpeg::{RESTART_INTERVAL, START_OF_FRAME, START_OF_SCAN};
    use crate::codec::{Format, Limits, Metadata, Strip, decode, encode};

    const LIMITS: Limits = Limits {
        max_pixels: 1 << 20,
    };

    /// Red and blue columns, each a pixel wide.
    fn stripes() -> Photo {
        let (width, height) = (64, 32);
        let column = |x| if x % 2 == 0 { [250, 0, 0] } else { [0, 0, 250] };
        Photo {
            width,
            height,
            channels: 3,
            pixels: (0..width * height).flat_map(column).collect(),
            ..Photo::default()
        }
    }

    #[test]
    fn pixels_that_share_a_colour_share_their_mean() {
        let file = encode(&stripes(), Format::Jpeg, 95, Strip::Nothing, Vec::new()).unwrap();
        let photo = decode(&file, false, LIMITS, Vec::new()).unwrap();
        for channel in [0, 2] {
            let sum: u32 = photo
                .pixels
                .iter()
                .skip(channel)
                .step_by(3)
                .copied()
                .map(u32::from)
                .sum();
            let mean = sum / 2048;
            // Of the first column alone it would be 0 for one of them.
            assert!((100..150).contains(&mean), "{channel}: {mean}");
        }
    }

    #[test]
    fn a_low_quality_is_still_baseline() {
        let file = encode(&stripes(), Format::Jpeg, 1, Strip::Nothing, Vec::new()).unwrap();
        // The upper half of the byte behind the length: 0 is 8 bits, 1 is 16 (T.81, B.2.4.1).
        assert_eq!(segment(&file, 0xdb)[2] >> 4, 0);
        assert!(file.windows(2).any(|two| two == [0xff, 0xc0]));
    }

    /// Returns what follows the first such marker in the header.
    fn segment(file: &[u8], marker: u8) -> &[u8] {
        &file[jpeg::segment(file, marker).unwrap() + 2..]
    }

    /// Bands of 128 rows and a rest; 131 is no whole number of blocks. Decoders differ in how they
    /// read wrong restart markers, so the markers are checked, too.
    #[test]
    fn bands_that_are_joined_are_one_picture() {
        for (width, height, channels) in
            [(90, 300, 1), (90, 300, 3), (131, 1_300, 1), (131, 1_300, 3)]
        {
            let shade = |i: usize| {
                let (x, y, channel) = (i / channels % width, i / channels / width, i % channels);
                (x + y / 16 + 20 * channel) as u8
            };
            let photo = Photo {
                width,
                height,
                channels,
                pixels: (0..width * height * channels).map(shade).collect(),
                ..Photo::default()
            };
            let file = encode(&photo, Format::Jpeg, 95, Strip::Nothing, Vec::new()).unwrap();
            let read = decode(&file, channels == 1, LIMITS, Vec::new()).unwrap();
            assert_eq!(
                (read.width, read.height, read.channels),
                (width, height, channels)
            );
            let rows = photo.pixels.chunks(width).zip(read.pixels.chunks(width));
            for (row, (was, is)) in rows.enumerate() {
                let off = was.iter().zip(is).map(|(was, is)| was.abs_diff(*is));
                let mean = off.map(u32::from).sum::<u32>() / width as u32;
                assert!(
                    mean < 4,
                    "{width} x {height} x {channels}, {row}: off by {mean}"
                );
            }
            let (across, down, factors) = match channels {
                1 => (width.div_ceil(8), 16, 0x11),
                _ => (width.div_ceil(16), 8, 0x22),
            };
            // The length, 4, and the interval (T.81, B.2.4.4).
            let interval = (across * down) as u16;
            assert_eq!(
                segment(&file, RESTART_INTERVAL)[..4],
                [[0, 4], interval.to_be_bytes()].concat()
            );
            // The sampling factors of the first component (T.81, B.2.2).
            assert_eq!(segment(&file, START_OF_FRAME)[9], factors);
            let markers: Vec<u8> = segment(&file, START_OF_SCAN)
                .windows(2)
                .filter(|two| two[0] == 0xff && two[1] != 0)
                .map(|two| two[1])
                .collect();
            let restarts = (0..height.div_ceil(128) - 1).map(|band| 0xd0 + (band % 8) as u8);
            assert_eq!(markers, restarts.chain([0xd9]).collect::<Vec<_>>());
        }
    }

    /// Bands of grey behind the first are encoded by another function than the first.
    #[test]
    fn every_band_of_grey_has_the_bytes_of_the_first() {
        for (width, height, quality) in [(64, 256, 90), (131, 249, 75), (7, 131, 1)] {
            let pixels = (0..width * height).map(|i| (i * i / 3 % 251) as u8);
            let grey = |pixels: Vec<u8>| Photo {
                width,
                height: pixels.len() / width,
                channels: 1,
                pixels,
                ..Photo::default()
            };
            let photo = grey(pixels.collect());
            let below = grey(photo.rows(128..height).to_vec());
            let [second, first] = [(&photo, 128..height), (&below, 0..height - 128)]
                .map(|(of, rows)| encode_band(of, rows, quality, Strip::Nothing).unwrap());
            let data = |file: &[u8]| segment(file, START_OF_SCAN).to_vec();
            assert_eq!(data(&second), data(&first), "{width} x {height}, {quality}");
            assert_eq!(
                segment(&second, 0xdb)[..67],
                segment(&first, 0xdb)[..67],
                "the table of quality {quality}"
            );
        }
    }

    #[test]
    fn a_profile_too_large_for_a_jpeg_is_left_out() {
        let with_profile = |bytes| {
            let mut icc = vec![0; bytes];
            icc[16..20].copy_from_slice(b"RGB ");
            let photo = Photo {
                metadata: Metadata {
                    icc: Some(icc),
                    ..Metadata::default()
                },
                ..stripes()
            };
            encode(&photo, Format::Jpeg, 90, Strip::Nothing, Vec::new())
                .unwrap()
                .len()
        };
        assert!(with_profile(MOST_ICC) > MOST_ICC);
        assert!(with_profile(MOST_ICC + 1) < 10_000);
    }
}
