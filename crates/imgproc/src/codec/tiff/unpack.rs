//! The data of a strip or a tile: decompressed, and with the predictor undone.

use std::borrow::Cow;
use std::io::Read;

use anyhow::{Context, Result, bail};
use ruzstd::decoding::StreamingDecoder;
use weezl::decode::Decoder;
use weezl::{BitOrder, LzwStatus};
use zune_core::colorspace::ColorSpace;

use super::colours::{Colours, YCbCr};
use super::layout::{Kind, Layout, ZSTANDARD};
use super::{Chunk, fax};
use crate::codec::entropy::Layout as Codes;
use crate::codec::header::Header;
use crate::codec::mended::mended;
use crate::codec::plain::Decoded;
use crate::codec::{jpeg, plain};

const SHORT: &str = "the TIFF is damaged or cut short";

/// Returns the rows of a chunk, one after the other, as they were before compression. Adds to
/// `unread` the bytes of a JPEG that [belong to no block](UNREAD).
///
/// # Errors
/// If the data is damaged or too short.
///
/// [UNREAD]: crate::codec::entropy::UNREAD
pub fn unpack(layout: &Layout, chunk: &Chunk, file: &[u8], unread: &mut usize) -> Result<Vec<u8>> {
    let end = chunk.data.end.min(file.len());
    let data = file.get(chunk.data.start..end).context(SHORT)?;
    let channels = if layout.planar { 1 } else { layout.samples };
    let stride = (chunk.columns * channels * layout.bits).div_ceil(8);
    if layout.compression == 7 {
        let decoded = jpeg_rows(layout, chunk, data)?;
        *unread += decoded.unread;
        return Ok(decoded.pixels);
    }
    let length = match &layout.colours {
        Colours::YCbCr(ycbcr) if !layout.planar => shared_length(ycbcr, chunk),
        _ => stride * chunk.rows,
    };
    let turned: Vec<u8>;
    let data = match layout.reversed {
        true => {
            turned = data.iter().map(|byte| byte.reverse_bits()).collect();
            &turned
        }
        false => data,
    };
    let mut rows = Vec::with_capacity(length);
    match layout.compression {
        1 => rows.extend_from_slice(data.get(..length).context(SHORT)?),
        2..=4 => {
            let lines = fax::lines(layout.fax(), data, chunk.columns as u16, chunk.rows);
            rows = lines.context(SHORT)?;
        }
        5 => lzw(data, length, &mut rows),
        8 | 32_946 => {
            let inflated = flate2::read::ZlibDecoder::new(data).take(length as u64);
            { inflated }.read_to_end(&mut rows).ok().context(SHORT)?;
        }
        ZSTANDARD => {
            let inflated = StreamingDecoder::new(data).ok().context(SHORT)?;
            let inflated = inflated.take(length as u64);
            { inflated }.read_to_end(&mut rows).ok().context(SHORT)?;
        }
        _ => pack_bits(data, length, &mut rows),
    }
    if rows.len() < length {
        bail!(SHORT);
    }
    rows.truncate(length);
    match (layout.predictor, &layout.colours) {
        (1, Colours::YCbCr(ycbcr)) if !layout.planar && ycbcr.shared != (1, 1) => {
            return Ok(unshared(ycbcr, chunk, &rows));
        }
        (2, _) => rows
            .chunks_mut(stride)
            .for_each(|row| add_up(layout, channels, row)),
        (3, _) => rows
            .chunks_mut(stride)
            .for_each(|row| put_together(layout, channels, row)),
        _ => {}
    }
    Ok(rows)
}

fn lzw(data: &[u8], length: usize, rows: &mut Vec<u8>) {
    // libtiff before 1991 wrote it with the bits the other way round.
    let mut decoder = match data {
        [0, second, ..] if second & 1 == 1 => Decoder::new(BitOrder::Lsb, 8),
        _ => Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
    };
    rows.resize(length, 0);
    let (mut from, mut to) = (0, 0);
    while to < length {
        let step = decoder.decode_bytes(&data[from..], &mut rows[to..]);
        (from, to) = (from + step.consumed_in, to + step.consumed_out);
        if !matches!(step.status, Ok(LzwStatus::Ok)) {
            break;
        }
    }
    rows.truncate(to);
}

/// Apple's run lengths: a count below 128 is followed by one more bytes than that, and a higher one
/// by a byte that is repeated (TIFF 6.0, section 9).
fn pack_bits(mut data: &[u8], length: usize, rows: &mut Vec<u8>) {
    while rows.len() < length
        && let Some((count, rest)) = data.split_first()
    {
        data = match *count {
            128 => rest,
            count @ 129.. => {
                let Some((byte, rest)) = rest.split_first() else {
                    return;
                };
                rows.resize(rows.len() + 257 - usize::from(count), *byte);
                rest
            }
            count => {
                let (plain, rest) = rest.split_at(rest.len().min(usize::from(count) + 1));
                rows.extend_from_slice(plain);
                rest
            }
        };
    }
}

/// A JPEG in a TIFF. Its tables may be stored once for all strips or tiles.
fn jpeg_rows(layout: &Layout, chunk: &Chunk, data: &[u8]) -> Result<Decoded> {
    let tables = layout.jpeg_tables.strip_suffix(&[0xff, 0xd9]);
    let whole = match (&layout.pieces, tables, data.strip_prefix(&[0xff, 0xd8])) {
        (Some(pieces), ..) => Cow::Owned(pieces.whole((chunk.columns, chunk.rows), data)),
        (None, Some(tables), Some(rest)) => Cow::Owned([tables, rest].concat()),
        _ => mended(data),
    };
    // What is true of a JPEG file is true of one inside.
    let header = Header::read(&whole);
    let [width, height] = header.size();
    // It may be taller than its strip, but not so tall that it takes more memory than the page.
    let most = layout.width.saturating_mul(layout.height).saturating_mul(4);
    let is_too_large = width.saturating_mul(height) > most.saturating_add(1 << 24);
    let fits = width == chunk.columns && height >= chunk.rows && !is_too_large;
    let scans = header.check_scans(&whole).ok().context(SHORT)?;
    if !fits || header.unreadable().is_some() {
        bail!(SHORT);
    }
    let is_old = layout.old_jpeg && matches!(layout.colours, Colours::YCbCr(_));
    if is_old && !layout.planar || layout.has_alpha_in_jpeg() {
        if header.channels().len() != layout.samples {
            bail!(SHORT);
        }
        let mut rows = plain::stored(&whole, &header)?;
        rows.pixels.truncate(width * chunk.rows * layout.samples);
        return Ok(rows);
    }
    let single = layout.planar || layout.samples == 1;
    let inks = header.channels().len() == 4 && header.is_rgb(&whole);
    let refined = header.is_refined() && (header.channels().len() < 4 || inks);
    if header.is_rare() || header.is_narrow() || refined {
        return plain_rows(layout, chunk, &whole, &header);
    }
    // Where data are missing, the fast decoder takes zeros for them, without a word.
    let unread = match Codes::read(&whole, &header, &scans).ok().flatten() {
        Some(codes) => codes.check(&whole, &codes.whole()).ok().context(SHORT)?,
        None => 0,
    };
    // Only YCbCr is to become RGB: other colours are what TIFF says, not JPEG. But some programs
    // that wrote the old form say RGB where it is YCbCr.
    let wanted = match (&layout.colours, single) {
        (_, true) => ColorSpace::Luma,
        (Colours::Cmyk, false) => ColorSpace::CMYK,
        (Colours::YCbCr(_), false) => ColorSpace::RGB,
        (Colours::Rgb, false) if layout.old_jpeg => ColorSpace::RGB,
        _ => ColorSpace::YCbCr,
    };
    let mut decoder = jpeg::decoder(&whole, wanted);
    decoder.decode_headers().ok().context(SHORT)?;
    // A JPEG that says of itself that it is RGB needs no conversion.
    if wanted == ColorSpace::YCbCr && decoder.input_colorspace() == Some(ColorSpace::RGB) {
        let options = decoder.options().jpeg_set_out_colorspace(ColorSpace::RGB);
        decoder.set_options(options);
    }
    let mut pixels = decoder.decode().ok().context(SHORT)?;
    let channels = if single { 1 } else { layout.samples };
    pixels.truncate(width * chunk.rows * channels);
    Ok(Decoded { pixels, unread })
}

/// A JPEG of a kind that the fast decoder reads wrongly, or not at all.
fn plain_rows(layout: &Layout, chunk: &Chunk, jpeg: &[u8], header: &Header) -> Result<Decoded> {
    let channels = if layout.planar { 1 } else { layout.samples };
    if header.channels().len() != channels {
        bail!(SHORT);
    }
    let becomes_rgb = match &layout.colours {
        Colours::YCbCr(_) => true,
        Colours::Rgb => layout.old_jpeg,
        _ => false,
    };
    let mut rows = match channels {
        1 => plain::luma(jpeg, header, Vec::new())?,
        // No program is known to write luma and chroma without loss.
        _ if becomes_rgb && header.is_lossless() => bail!(SHORT),
        _ if becomes_rgb => plain::rgb(jpeg, header, Vec::new())?,
        _ => plain::stored(jpeg, header)?,
    };
    rows.pixels.truncate(chunk.columns * chunk.rows * channels);
    Ok(rows)
}

/// The bytes of a chunk in which pixels share a colour.
fn shared_length(ycbcr: &YCbCr, chunk: &Chunk) -> usize {
    let (across, down) = ycbcr.shared;
    let units = chunk.columns.div_ceil(across) * chunk.rows.div_ceil(down);
    units * (across * down + 2)
}

/// Gives each pixel its own colour. A unit is the luma of all its pixels, and one colour.
fn unshared(ycbcr: &YCbCr, chunk: &Chunk, packed: &[u8]) -> Vec<u8> {
    let (across, down) = ycbcr.shared;
    let unit = across * down + 2;
    let units = chunk.columns.div_ceil(across);
    let mut rows = vec![0; chunk.columns * chunk.rows * 3];
    for (index, pixel) in rows.chunks_exact_mut(3).enumerate() {
        let (x, y) = (index % chunk.columns, index / chunk.columns);
        let start = (y / down * units + x / across) * unit;
        let luma = packed[start + y % down * across + x % across];
        pixel.copy_from_slice(&[luma, packed[start + unit - 2], packed[start + unit - 1]]);
    }
    rows
}

/// Undoes the horizontal predictor: each sample was stored as the difference from the one before
/// (TIFF 6.0, section 14).
fn add_up(layout: &Layout, channels: usize, row: &mut [u8]) {
    let size = layout.bits / 8;
    let read = |bytes: &[u8]| {
        let push = |sum: u32, byte: &u8| sum << 8 | u32::from(*byte);
        match layout.big_endian {
            true => bytes.iter().fold(0, push),
            false => bytes.iter().rev().fold(0, push),
        }
    };
    for at in (channels * size..row.len().saturating_sub(size - 1)).step_by(size) {
        let before = at - channels * size;
        let sum = read(&row[at..at + size]).wrapping_add(read(&row[before..before + size]));
        match layout.big_endian {
            true => row[at..at + size].copy_from_slice(&sum.to_be_bytes()[4 - size..]),
            false => row[at..at + size].copy_from_slice(&sum.to_le_bytes()[..size]),
        }
    }
}

/// Undoes the floating-point predictor: differences of bytes, and the first bytes of all samples
/// before all second bytes (Adobe Photoshop TIFF Technical Note 3).
fn put_together(layout: &Layout, channels: usize, row: &mut [u8]) {
    debug_assert_eq!(layout.kind, Kind::Float);
    for at in channels..row.len() {
        row[at] = row[at].wrapping_add(row[at - channels]);
    }
    let size = layout.bits / 8;
    let (apart, count) = (row.to_vec(), row.len() / size);
    for (index, sample) in row.chunks_exact_mut(size).enumerate() {
        for (place, byte) in sample.iter_mut().enumerate() {
            let place = if layout.big_endian {
                place
            } else {
                size - 1 - place
            };
            *byte = apart[place * count + index];
        }
    }
}
