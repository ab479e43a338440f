//! WebP's container, as far as it is metadata (RFC 9649, section 2.7). The crate `image` decodes
//! and encodes the picture itself.

use super::metadata::{Metadata, exif, exif_block};

/// What a file begins with: `RIFF`, its length, and `WEBP`.
const HEADER: usize = 12;

/// The flags that say what the file contains, in the first chunk.
const HAS_ICC: u8 = 0x20;
const HAS_ALPHA: u8 = 0x10;
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

/// The chunks: their kinds and their data.
fn chunks(webp: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = webp.get(HEADER..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_le_bytes(*rest.get(4..)?.first_chunk()?) as usize;
        let (kind, data) = (rest.get(..4)?, rest.get(8..8 + length)?);
        rest = rest
            .get(8 + length.next_multiple_of(2)..)
            .unwrap_or_default();
        Some((kind, data))
    })
}

/// Reads the metadata, but for the ICC profile.
pub fn metadata(webp: &[u8]) -> Metadata {
    let (mut metadata, mut frames) = (Metadata::default(), 0);
    for (kind, data) in chunks(webp) {
        match kind {
            // Some programs write JPEG's prefix before it.
            b"EXIF" => metadata.exif = exif_block(data),
            b"XMP " => metadata.xmp = Some(data.to_vec()),
            b"ANMF" => frames += 1,
            _ => {}
        }
    }
    metadata.left_out = (frames > 1).then(|| super::first_of_frames(frames));
    metadata
}

/// Adds metadata to a file that has only a picture of this size.
pub fn with_metadata(webp: Vec<u8>, size: (usize, usize), alpha: bool, of: &Metadata) -> Vec<u8> {
    // The resolution has no other place.
    let exif = of.exif.clone();
    let exif = exif.or_else(|| of.density.and_then(exif::of_density));
    let flag = |there: bool, flag| if there { flag } else { 0 };
    let flags = flag(of.icc.is_some(), HAS_ICC)
        | flag(exif.is_some(), HAS_EXIF)
        | flag(of.xmp.is_some(), HAS_XMP);
    if flags == 0 {
        return webp;
    }
    let mut header = vec![flags | flag(alpha, HAS_ALPHA), 0, 0, 0];
    for side in [size.0, size.1] {
        header.extend_from_slice(&(side as u32 - 1).to_le_bytes()[..3]);
    }
    let mut out = webp[..HEADER].to_vec();
    push(&mut out, b"VP8X", &header);
    if let Some(icc) = &of.icc {
        push(&mut out, b"ICCP", icc);
    }
    out.extend_from_slice(&webp[HEADER..]);
    if let Some(exif) = &exif {
        push(&mut out, b"EXIF", exif);
    }
    if let Some(xmp) = &of.xmp {
        push(&mut out, b"XMP ", xmp);
    }
    let length = (out.len() - 8) as u32;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    out
}

/// Appends a chunk, filled up to an even number of bytes.
fn push(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend_from_slice(kind);
    out.extend((data.len() as u32).to_le_bytes());
    out.extend_from_slice(data);
    out.resize(out.len().next_multiple_of(2), 0);
}
