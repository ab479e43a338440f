//! Photos to TIFF files, uncompressed, with all metadata.

use anyhow::{Context, Result};

use super::{ICC, IPTC, PHOTOSHOP, XMP};
use crate::codec::Photo;
use crate::codec::ifd::{LONG, NewField, SHORT, Value, Writer};
use crate::codec::metadata::{Metadata, exif, photoshop};

/// The bytes of a strip, about.
const STRIP: usize = 1 << 18;

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
    for strip in photo.pixels.chunks(rows * stride) {
        offsets.push(writer.append(strip).context("too large for a TIFF")?);
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
    let grey = photo.channels == 1;
    fields.extend([
        longs(256, &[photo.width as u32]),
        longs(257, &[photo.height as u32]),
        shorts(258, &[8; 4][..photo.channels]),
        shorts(259, &[1]), // not compressed
        shorts(262, &[if grey { 1 } else { 2 }]),
        longs(273, &offsets),
        shorts(277, &[photo.channels as u16]),
        longs(278, &[rows as u32]),
        longs(279, &lengths),
    ]);
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

fn field(tag: u16, kind: u16, value: Vec<u8>) -> NewField {
    NewField {
        tag,
        kind,
        value: Value::Bytes(value),
    }
}
