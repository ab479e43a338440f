//! JPEGs whose channels come one after the other, each in a scan of its own, while several pixels
//! share a colour. The decoder reads them wrongly as a whole. But such a scan is laid out like a
//! JPEG that has a single channel (T.81, A.2.2), which it reads well.

use anyhow::{Context, Result, bail};
use zune_core::colorspace::ColorSpace;

use super::header::Header;
use super::jpeg::{
    self, END_OF_IMAGE, HUFFMAN_TABLES, QUANTIZATION_TABLES, RESTART_INTERVAL, START_OF_FRAME,
    START_OF_SCAN, marker_behind_scan, next_marker, segment_end,
};
use super::sentence;

const DAMAGED: &str = "the JPEG is damaged";

/// Decodes the luma channel.
///
/// # Errors
/// If it is damaged.
pub fn luma(jpeg: &[u8], header: &Header) -> Result<Vec<u8>> {
    let files = channels(jpeg, header)?;
    decode(files.first().context(DAMAGED)?)
}

/// Decodes luma and chroma to RGB.
///
/// # Errors
/// If a channel is damaged or missing.
pub fn rgb(jpeg: &[u8], header: &Header) -> Result<Vec<u8>> {
    let files = channels(jpeg, header)?;
    let mut planes = Vec::new();
    for (channel, file) in files.iter().enumerate() {
        let plane = decode(file)?;
        planes.push(enlarged(&plane, header.size_of(channel), header.size()));
    }
    let [y, cb, cr] = &planes[..] else {
        bail!(DAMAGED);
    };
    let pixels = y.iter().zip(cb).zip(cr);
    Ok(pixels
        .flat_map(|((y, cb), cr)| to_rgb(*y, *cb, *cr))
        .collect())
}

/// JFIF 1.02, *Conversion to and from RGB*.
fn to_rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let [y, cb, cr] = [y, cb, cr].map(f32::from);
    let (cb, cr) = (cb - 128.0, cr - 128.0);
    let rgb = [
        y + 1.402 * cr,
        y - 0.344136 * cb - 0.714136 * cr,
        y + 1.772 * cb,
    ];
    rgb.map(|value| value.round() as u8)
}

/// Makes a JPEG of each channel, in the order of the frame header.
fn channels(jpeg: &[u8], header: &Header) -> Result<Vec<Vec<u8>>> {
    let mut files = vec![Vec::new(); header.channels().len()];
    let (mut tables, mut next) = (Vec::new(), 2);
    while let Some((kind, at)) = next_marker(jpeg, next).filter(|of| of.0 != END_OF_IMAGE) {
        next = segment_end(jpeg, at)
            .filter(|end| *end <= jpeg.len())
            .context(DAMAGED)?;
        if matches!(
            kind,
            HUFFMAN_TABLES | QUANTIZATION_TABLES | RESTART_INTERVAL
        ) {
            tables.extend(&jpeg[at..next]);
        }
        if kind != START_OF_SCAN {
            continue;
        }
        let [1, name, ..] = jpeg::data(jpeg, at) else {
            bail!(sentence(
                "a JPEG in which some channels share a scan, and others do not"
            ));
        };
        (_, next) = marker_behind_scan(jpeg, next).context(DAMAGED)?;
        let mut all = header.channels().iter();
        let channel = all.position(|of| of.name == *name).context(DAMAGED)?;
        let [width, height] = header
            .size_of(channel)
            .map(|side| (side as u16).to_be_bytes());
        let table = header.channels()[channel].table;
        let frame = [
            &[0xff, START_OF_FRAME, 0, 11, 8],
            &height[..],
            &width,
            &[1, *name, 0x11, table],
        ];
        files[channel] = [
            &jpeg[..2],
            &tables,
            &frame.concat(),
            &jpeg[at..next],
            &[0xff, END_OF_IMAGE],
        ]
        .concat();
    }
    Ok(files)
}

/// Decodes a JPEG of a single channel.
fn decode(file: &[u8]) -> Result<Vec<u8>> {
    let mut decoder = jpeg::decoder(file, ColorSpace::Luma);
    decoder.decode().ok().context(DAMAGED)
}

/// Enlarges a channel to the size of the photo. Where two pixels share a value, it is mixed with
/// its nearer neighbour, three parts to one, as the C library does it.
fn enlarged(plane: &[u8], from: [usize; 2], to: [usize; 2]) -> Vec<u8> {
    let [(columns, rows), (width, height)] = [from, to].map(|[width, height]| (width, height));
    // Four times the values, so that nothing is rounded twice.
    let mixed = |near: u8, other: u8| 3 * u16::from(near) + u16::from(other);
    let tall = (0..height).flat_map(|y| {
        let [near, other] = neighbours(y, rows, height).map(|y| &plane[y * columns..][..columns]);
        near.iter()
            .zip(other)
            .map(move |(near, other)| mixed(*near, *other))
    });
    let tall: Vec<u16> = tall.collect();
    let across: Vec<_> = (0..width).map(|x| neighbours(x, columns, width)).collect();
    let rows = tall.chunks_exact(columns);
    let wide = rows.flat_map(|row| {
        let value = |[near, other]: &[usize; 2]| ((3 * row[*near] + row[*other] + 8) / 16) as u8;
        across.iter().map(value)
    });
    wide.collect()
}

/// The nearest of `count` samples to a place among `all`, and the one that is next to it.
fn neighbours(place: usize, count: usize, all: usize) -> [usize; 2] {
    let last = count - 1;
    if all.div_ceil(2) != count {
        // As many samples as places, or a fourth of them, which are not mixed.
        let near = (place / all.div_ceil(count)).min(last);
        return [near, near];
    }
    let near = place / 2;
    let other = if place % 2 == 1 {
        near + 1
    } else {
        near.saturating_sub(1)
    };
    [near, other.min(last)]
}
