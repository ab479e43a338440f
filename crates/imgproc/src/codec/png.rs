//! PNG's chunks, as far as they are metadata (PNG 3rd edition, 5 and 11.3). The crate `image`
//! decodes and encodes the rest.

use std::borrow::Cow;
use std::io::Read;

use super::Photo;
use super::metadata::{Density, Metadata, exif_block, photoshop};

const SIGNATURE: usize = 8;
/// The signature and the first chunk, which is the header.
const HEADER: usize = SIGNATURE + 25;
const XMP: &str = "XML:com.adobe.xmp";
const XMP_PREFIX: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// How ImageMagick and others begin the names of texts that are metadata in hexadecimal digits.
const RAW_PROFILE: &str = "Raw profile type ";

/// The longest compressed text that is read. A few bytes can claim gigabytes.
const LONGEST_TEXT: u64 = 64 << 20;

/// The chunks, from the file's start to its end: their kinds and their data.
fn chunks(png: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = png.get(SIGNATURE..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let (kind, data) = (rest.get(4..8)?, rest.get(8..8 + length)?);
        // Behind the data is a check sum.
        rest = rest.get(12 + length..).unwrap_or_default();
        Some((kind, data))
    })
}

/// Returns a file in which the transparent grey has no bits above those of a sample. Decoders must
/// not heed these bits (11.3.1.1), but `png` 0.18.1 does, and finds no such grey.
pub fn mended(png: &[u8]) -> Cow<'_, [u8]> {
    let bits = match png.get(SIGNATURE + 16..SIGNATURE + 18) {
        Some([bits @ (1 | 2 | 4), 0]) => bits,
        _ => return Cow::Borrowed(png),
    };
    let before = chunks(png).take_while(|(kind, _)| kind != b"tRNS");
    let start = SIGNATURE + before.map(|(_, data)| 12 + data.len()).sum::<usize>();
    let Some([0, 0, 0, 2, b't', b'R', b'N', b'S', _, grey]) = png.get(start..start + 10) else {
        return Cow::Borrowed(png);
    };
    let of_sample = grey & ((1 << bits) - 1);
    if of_sample == *grey {
        return Cow::Borrowed(png);
    }
    let mut chunk = Vec::new();
    push(&mut chunk, b"tRNS", &[0, of_sample]);
    let mut file = png.to_vec();
    let end = file.len().min(start + chunk.len());
    file.splice(start..end, chunk);
    Cow::Owned(file)
}

/// Reads the metadata, but for the ICC profile.
pub fn metadata(png: &[u8]) -> Metadata {
    let mut metadata = Metadata::default();
    for (kind, data) in chunks(png) {
        match kind {
            b"eXIf" => metadata.exif = exif_block(data),
            b"pHYs" => metadata.density = density(data),
            b"acTL" => metadata.left_out = frames(data),
            b"tEXt" | b"zTXt" | b"iTXt" => {
                if let Some((name, text)) = text(kind, data) {
                    add_text(&mut metadata, &name, text);
                }
            }
            _ => {}
        }
    }
    metadata
}

/// Returns the chunks of the metadata that `image` does not write, and where they belong.
pub fn with_metadata(mut png: Vec<u8>, metadata: &Metadata) -> Vec<u8> {
    let mut chunks = Vec::new();
    if let Some(density) = metadata.density {
        let [x, y] = density.dots_per_metre().map(u32::to_be_bytes);
        push(&mut chunks, b"pHYs", &[&x[..], &y, &[1]].concat());
    }
    if let Some(xmp) = &metadata.xmp {
        // Not compressed, no language, no translated name.
        let data = [XMP.as_bytes(), &[0; 5], xmp].concat();
        push(&mut chunks, b"iTXt", &data);
    }
    if let Some(photoshop) = &metadata.photoshop {
        let digits: String = photoshop.iter().map(|byte| format!("{byte:02x}")).collect();
        let length = photoshop.len();
        let data = format!("{RAW_PROFILE}iptc\0\niptc\n{length:8}\n{digits}\n");
        push(&mut chunks, b"tEXt", data.as_bytes());
    }
    png.splice(HEADER..HEADER, chunks);
    png
}

/// Whether a file has one bit for each pixel, and no colours.
pub fn is_bilevel(png: &[u8]) -> bool {
    png.get(SIGNATURE + 16..SIGNATURE + 18) == Some(&[1, 0])
}

/// Makes a file of a photo with one bit for each pixel. The crate `image` writes 8 bits.
pub fn with_bits(photo: &Photo, metadata: &Metadata) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let size = [photo.width, photo.height].map(|side| (side as u32).to_be_bytes());
    // One bit, grey, and three times the usual: deflate, filters for each row, not interlaced.
    push(
        &mut png,
        b"IHDR",
        &[&size.concat()[..], &[1, 0, 0, 0, 0]].concat(),
    );
    if let Some(icc) = &metadata.icc {
        push(
            &mut png,
            b"iCCP",
            &[b"icc\0\0", &deflated(icc)[..]].concat(),
        );
    }
    if let Some(exif) = &metadata.exif {
        push(&mut png, b"eXIf", exif);
    }
    let rows = photo.pixels.chunks_exact(photo.width);
    // No filter, which is for larger samples.
    let rows: Vec<u8> = rows
        .flat_map(|row| [0].into_iter().chain(super::bits(row)))
        .collect();
    push(&mut png, b"IDAT", &deflated(&rows));
    push(&mut png, b"IEND", &[]);
    png
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::read::ZlibEncoder::new(bytes, flate2::Compression::default());
    let mut deflated = Vec::new();
    encoder
        .read_to_end(&mut deflated)
        .expect("bytes in memory can be read");
    deflated
}

/// Appends a chunk.
fn push(chunks: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(data);
    chunks.extend((data.len() as u32).to_be_bytes());
    chunks.extend_from_slice(kind);
    chunks.extend_from_slice(data);
    chunks.extend(sum.sum().to_be_bytes());
}

fn density(data: &[u8]) -> Option<Density> {
    let [x, y] = [data.first_chunk()?, data.get(4..)?.first_chunk()?];
    let dots = [x, y].map(|dots| u32::from_be_bytes(*dots));
    // 1: a metre; 0: only the ratio is known.
    Density::per_metre(dots).filter(|_| data.get(8) == Some(&1))
}

fn frames(data: &[u8]) -> Option<String> {
    let frames = u32::from_be_bytes(*data.first_chunk()?);
    (frames > 1).then(|| super::first_of_frames(frames as usize))
}

/// Returns a text's name and the text.
fn text(kind: &[u8], data: &[u8]) -> Option<(String, Vec<u8>)> {
    let (name, rest) = split_at_zero(data)?;
    let (compressed, text) = match kind {
        b"tEXt" => (false, rest),
        b"zTXt" => (true, rest.get(1..)?),
        _ => {
            // Whether it is compressed, how, the language, and a translated name.
            let (_, name) = split_at_zero(rest.get(2..)?)?;
            (rest.first()? == &1, split_at_zero(name)?.1)
        }
    };
    let name = String::from_utf8_lossy(name).into_owned();
    if name != XMP && !name.starts_with(RAW_PROFILE) {
        return None;
    }
    if !compressed {
        return Some((name, text.to_vec()));
    }
    let mut inflated = Vec::new();
    let reader = flate2::read::ZlibDecoder::new(text);
    let read = reader.take(LONGEST_TEXT).read_to_end(&mut inflated);
    read.ok().map(|_| (name, inflated))
}

fn split_at_zero(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = data.iter().position(|byte| *byte == 0)?;
    Some((&data[..at], &data[at + 1..]))
}

fn add_text(metadata: &mut Metadata, name: &str, text: Vec<u8>) {
    let Some(kind) = name.strip_prefix(RAW_PROFILE) else {
        metadata.xmp = Some(text);
        return;
    };
    let Some(profile) = from_digits(&text) else {
        return;
    };
    match kind {
        "xmp" => metadata.xmp = Some(profile),
        // Either of both, with the prefix that it has in JPEG.
        "exif" | "APP1" | "app1" => match profile.strip_prefix(XMP_PREFIX) {
            Some(xmp) => metadata.xmp = Some(xmp.to_vec()),
            None => metadata.exif = exif_block(&profile).or(metadata.exif.take()),
        },
        "iptc" | "8bim" => {
            let resources = profile.strip_prefix(photoshop::PREFIX).unwrap_or(&profile);
            metadata.photoshop = Some(match resources.starts_with(b"8BIM") {
                true => resources.to_vec(),
                false => photoshop::of_iptc(resources),
            });
        }
        _ => {}
    }
}

/// Reads a profile: its name, its length, and its bytes in hexadecimal digits.
fn from_digits(text: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(text).ok()?.trim_start();
    let (_, rest) = text.split_once('\n')?;
    let (length, digits) = rest.trim_start().split_once('\n')?;
    let length: usize = length.trim().parse().ok()?;
    let digits: Option<Vec<u8>> = digits
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect();
    let bytes: Vec<u8> = digits?
        .chunks_exact(2)
        .map(|two| two[0] << 4 | two[1])
        .collect();
    (bytes.len() >= length).then(|| bytes[..length].to_vec())
}
