//! Photos to TIFF files with all metadata, compressed without loss: by deflate, or, if there is one
//! bit for a pixel, as a fax of group 4, which makes a page of text ten times smaller.

use std::io::Write;

use anyhow::{Context, Result};
use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::{ICC, IPTC, PHOTOSHOP, XMP};
use crate::codec::Photo;
use crate::codec::ifd::{LONG, NewField, SHORT, Value, Writer};
use crate::codec::metadata::{Metadata, exif, photoshop};

/// The bytes of a strip, about.
const STRIP: usize = 1 << 18;

/// Kinds of compression.
const GROUP_4: u16 = 4;
const DEFLATE: u16 = 8;

/// Kinds of values: bytes that are numbers, and bytes with another meaning.
const BYTE: u16 = 1;
const UNDEFINED: u16 = 7;

/// Writes a photo into the memory of `spare`.
///
/// # Errors
/// If it does not fit into 4 GB.
pub fn write(photo: &Photo, metadata: &Metadata, spare: Vec<u8>) -> Result<Vec<u8>> {
    // EXIF's values are in its own byte order, so the whole file gets that.
    let (big_endian, mut fields) = metadata
        .exif
        .as_deref()
        .and_then(exif::to_tiff)
        .unwrap_or_default();
    let mut writer = Writer::new(big_endian, spare);
    let stride = photo.stride();
    let rows = (STRIP / stride.max(1)).clamp(1, photo.height);
    let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
    // A fax counts columns in 16 bits.
    let fax = photo.bilevel && photo.channels == 1 && photo.width <= usize::from(u16::MAX);
    for strip in photo.pixels.chunks(rows * stride) {
        let strip = match fax {
            true => group_4(strip, photo.width),
            false => deflated(strip, photo),
        };
        offsets.push(writer.append(&strip).context("too large for a TIFF")?);
        lengths.push(strip.len() as u32);
    }
    let shorts = |tag, values: &[u16]| {
        let bytes = values.iter().flat_map(|value| writer.short(*value));
        field(tag, SHORT, bytes.collect())
    };
    let longs = |tag, values: &[u32]| {
        let bytes = values.iter().flat_map(|value| writer.long(*value));
        field(tag, LONG, bytes.collect())
    };
    let photometric = match photo.channels {
        // A fax has black for a 1, and grey has white for the highest value.
        1 if fax => 0,
        1 => 1,
        _ => 2,
    };
    fields.extend([
        longs(256, &[photo.width as u32]),
        longs(257, &[photo.height as u32]),
        shorts(258, if fax { &[1] } else { &[8; 4][..photo.channels] }),
        shorts(259, &[if fax { GROUP_4 } else { DEFLATE }]),
        shorts(262, &[photometric]),
        longs(273, &offsets),
        shorts(277, &[photo.channels as u16]),
        longs(278, &[rows as u32]),
        longs(279, &lengths),
    ]);
    if !fax {
        // Each sample is stored as the difference from the one before.
        fields.push(shorts(317, &[2]));
    }
    if photo.channels == 4 {
        // Alpha that the colours are not multiplied by.
        fields.push(shorts(338, &[2]));
    }
    if let Some(density) = metadata.density {
        fields.extend(exif::density_fields(&writer, density));
    }
    let bytes = [
        (XMP, BYTE, metadata.xmp.as_deref()),
        (
            IPTC,
            UNDEFINED,
            metadata.photoshop.as_deref().and_then(photoshop::iptc),
        ),
        (PHOTOSHOP, BYTE, metadata.photoshop.as_deref()),
        (ICC, UNDEFINED, metadata.icc.as_deref()),
    ];
    let bytes = bytes
        .into_iter()
        .filter_map(|(tag, kind, bytes)| Some((tag, kind, bytes?)));
    fields.extend(bytes.map(|(tag, kind, bytes)| field(tag, kind, bytes.to_vec())));
    writer.finish(&fields).context("too large for a TIFF")
}

/// Compresses rows of bytes.
fn deflated(strip: &[u8], photo: &Photo) -> Vec<u8> {
    let (mut rows, channels) = (strip.to_vec(), photo.channels);
    for row in rows.chunks_exact_mut(photo.stride()) {
        for at in (channels..row.len()).rev() {
            row[at] = row[at].wrapping_sub(row[at - channels]);
        }
    }
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(strip.len() / 2), Compression::fast());
    let written = encoder.write_all(&rows).and_then(|()| encoder.finish());
    written.expect("memory takes all bytes")
}

/// Compresses rows of black and white.
fn group_4(strip: &[u8], width: usize) -> Vec<u8> {
    let mut encoder = Encoder::new(VecWriter::new());
    for row in strip.chunks_exact(width) {
        let colours = row.iter().map(|value| match value {
            255 => Color::White,
            _ => Color::Black,
        });
        let Ok(()) = encoder.encode_line(colours, width as u16);
    }
    let Ok(writer) = encoder.finish();
    writer.finish()
}

fn field(tag: u16, kind: u16, value: Vec<u8>) -> NewField {
    NewField {
        tag,
        kind,
        value: Value::Bytes(value),
    }
}
