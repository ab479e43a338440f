//! BMP's headers, as far as the crate `image` does not read them.

use std::borrow::Cow;

use anyhow::{Context, Result};

use super::Photo;
use super::metadata::Density;

const FILE_HEADER: usize = 14;
/// The length of Windows' header, and the lengths of those of OS/2 2.x, which begin with the same
/// fields; the shorter one ends before some of them.
const WINDOWS: usize = 40;
/// Where Windows' header has the size, the bits of a pixel, the compression, and the number of
/// planes.
const WIDTH: usize = 18;
const HEIGHT: usize = 22;
const BITS: std::ops::Range<usize> = 28..30;
const COMPRESSION: usize = 30;
const PLANES: std::ops::Range<usize> = 26..28;
/// Where the header of the file has the offset of the pixels.
const START: std::ops::Range<usize> = 10..14;
/// The lengths of Windows' headers: 16-bit sizes, and then longer and longer ones.
const HEADERS: [u32; 6] = [12, 40, 52, 56, 108, 124];
const OS_2: std::ops::RangeInclusive<usize> = 16..=64;

fn long(bmp: &[u8], at: usize) -> Option<u32> {
    bmp.get(at..)?
        .first_chunk()
        .map(|four| u32::from_le_bytes(*four))
}

/// Reads the resolution.
pub fn density(bmp: &[u8]) -> Option<Density> {
    let header = long(bmp, FILE_HEADER)? as usize;
    let dots = [long(bmp, 38)?, long(bmp, 42)?];
    Density::per_metre(dots).filter(|_| header >= WINDOWS)
}

/// Writes the resolution into the header, which is Windows'.
pub fn set_density(bmp: &mut [u8], density: Density) {
    let [x, y] = density.dots_per_metre().map(u32::to_le_bytes);
    bmp[38..46].copy_from_slice(&[x, y].concat());
}

/// Returns a photo that would be all transparent as an opaque one: programs that do not know of
/// alpha leave its bits 0.
pub fn visible(mut photo: Photo) -> Photo {
    let alpha = photo.pixels.iter().skip(3).step_by(4);
    if photo.channels == 4 && { alpha }.all(|alpha| *alpha == 0) {
        let pixels = photo.pixels.chunks_exact(4);
        photo.pixels = pixels.flat_map(|of| [of[0], of[1], of[2]]).collect();
        photo.channels = 3;
    }
    photo
}

/// Returns a photo whose file has one bit for each pixel, and no colours but black and white, as
/// luma.
pub fn bilevel(bmp: &[u8], mut photo: Photo) -> Photo {
    let has_one_bit = bmp.get(BITS) == Some(&[1, 0]) && long(bmp, FILE_HEADER) != Some(12);
    let is_grey = |of: &[u8]| matches!(of, [0, 0, 0] | [255, 255, 255]);
    if has_one_bit && photo.channels == 3 && photo.pixels.chunks_exact(3).all(is_grey) {
        photo.pixels = photo.pixels.into_iter().step_by(3).collect();
        (photo.channels, photo.bilevel) = (1, true);
    }
    photo
}

/// Makes a file of a photo with one bit for each pixel.
pub fn with_bits(photo: &Photo) -> Result<Vec<u8>> {
    let stride = photo.width.div_ceil(8).next_multiple_of(4);
    let (start, pixels) = (FILE_HEADER + WINDOWS + 8, stride * photo.height);
    let length = u32::try_from(start + pixels).context("larger than a BMP can be")?;
    let [width, height] = [photo.width, photo.height].map(|side| side as u32);
    let mut file = b"BM".to_vec();
    for long in [length, 0, start as u32, WINDOWS as u32, width, height] {
        file.extend(long.to_le_bytes());
    }
    // One plane and one bit; the other fields are 0; black and white.
    file.extend([1, 0, 1, 0]);
    file.resize(FILE_HEADER + WINDOWS, 0);
    file.extend([0, 0, 0, 0, 255, 255, 255, 0]);
    for row in photo.pixels.chunks_exact(photo.width).rev() {
        let end = file.len() + stride;
        file.extend(super::bits(row));
        file.resize(end, 0);
    }
    Ok(file)
}

/// Whether a file begins with the header of the picture: a DIB, which Windows' clipboard holds.
pub fn is_bare(start: &[u8]) -> bool {
    let planes = match long(start, 0) {
        Some(12) => start.get(8..10),
        Some(length) if HEADERS.contains(&length) => start.get(12..14),
        _ => None,
    };
    planes == Some(&[1, 0])
}

/// Puts the header of a file before a DIB. It says where the pixels are.
pub fn with_file_header(dib: &[u8]) -> Option<Vec<u8>> {
    let (start, _) = pixels_of(dib)?;
    let length = u32::try_from(FILE_HEADER + dib.len()).ok()?;
    let (length, start) = (length.to_le_bytes(), start.to_le_bytes());
    Some([&b"BM"[..], &length, &[0; 4], &start, dib].concat())
}

/// Returns the offset of the pixels in a file, which is the header of a file and this: it is behind
/// the masks of a pixel's bits and the palette, if there are any. And the bits of a pixel.
fn pixels_of(dib: &[u8]) -> Option<(u32, u32)> {
    let short = |at| {
        Some(u32::from(u16::from_le_bytes(
            *dib.get(at..)?.first_chunk()?,
        )))
    };
    let header = long(dib, 0)?;
    let (bits, compression, used) = match header {
        12 => (short(10)?, 0, 0),
        _ => (short(14)?, long(dib, 16)?, long(dib, 32)?),
    };
    let masks = match (header, compression) {
        (40, 3) => 12,
        (40, 6) => 16,
        _ => 0,
    };
    let colours = match (bits, used) {
        (1..=8, 0) => 1 << bits,
        _ => used,
    };
    let each = if header == 12 { 3 } else { 4 };
    let headers = header.checked_add(FILE_HEADER as u32 + masks)?;
    let start = headers.checked_add(colours.checked_mul(each)?)?;
    Some((start, bits))
}

/// Returns a file with the header of OS/2 2.x as one with that of Windows, a wrong number of planes
/// as 1, and pixels that are said to begin where the palette does as they lie behind it: so other
/// programs read them. Other files are returned as they are.
pub fn mended(bmp: &[u8]) -> Cow<'_, [u8]> {
    let mut file = rewritten(bmp).map_or(Cow::Borrowed(bmp), Cow::Owned);
    let header = long(&file, FILE_HEADER).unwrap_or_default() as usize;
    if header >= WINDOWS
        && let Some(planes) = file.get(PLANES)
        && planes != [1, 0]
    {
        file.to_mut()[PLANES].copy_from_slice(&[1, 0]);
    }
    let pixels = file.get(FILE_HEADER..).and_then(pixels_of);
    if let Some((start, 1..=8)) = pixels
        && long(&file, START.start) == Some((FILE_HEADER + header) as u32)
    {
        file.to_mut()[START].copy_from_slice(&start.to_le_bytes());
    }
    if let Some(missing) = missing_padding(&file) {
        let length = file.len() + missing;
        file.to_mut().resize(length, 0);
    }
    file
}

/// Returns how many bytes are missing behind the last pixel, which fill its row, if those are all
/// that is missing.
fn missing_padding(bmp: &[u8]) -> Option<usize> {
    let side = |at| Some(u64::from((long(bmp, at)? as i32).unsigned_abs()));
    let row = side(WIDTH)? * u64::from(long(bmp, BITS.start)? & 0xffff);
    let used = row.div_ceil(8);
    let stride = used.next_multiple_of(4);
    let pixels = stride.checked_mul(side(HEIGHT)?)?;
    let end = pixels.checked_add(long(bmp, START.start)?.into())?;
    let missing = end.checked_sub(bmp.len() as u64)?;
    let is_plain = long(bmp, FILE_HEADER)? as usize >= WINDOWS && long(bmp, COMPRESSION)? == 0;
    (is_plain && missing > 0 && missing <= stride - used).then_some(missing as usize)
}

/// Gives pixels that a BMP in runs passes over the first colour of the palette: so it is where
/// memory is 0 before the runs are read. The crate `image` leaves them black. It is asked again, by
/// `decode`, for the same file with a white palette: what is black then was passed over.
///
/// # Errors
/// Those of `decode`.
pub fn with_passed_over(
    bmp: &[u8],
    mut photo: Photo,
    decode: impl FnOnce(&[u8]) -> Result<Photo>,
) -> Result<Photo> {
    let in_runs = matches!(long(bmp, COMPRESSION), Some(1 | 2));
    let header = long(bmp, FILE_HEADER).unwrap_or_default() as usize;
    let (palette, start) = (FILE_HEADER + header, long(bmp, START.start));
    let start = start.unwrap_or_default() as usize;
    let first = match bmp.get(palette..start) {
        Some([blue, green, red, ..]) if in_runs && header >= WINDOWS => [*red, *green, *blue],
        _ => return Ok(photo),
    };
    if first == [0; 3] || photo.channels != 3 {
        return Ok(photo);
    }
    let mut white = bmp.to_vec();
    white[palette..start].fill(255);
    let drawn = decode(&white)?.pixels;
    for (pixel, drawn) in photo.pixels.chunks_exact_mut(3).zip(drawn.chunks_exact(3)) {
        if drawn == [0; 3] {
            pixel.copy_from_slice(&first);
        }
    }
    Ok(photo)
}

fn rewritten(bmp: &[u8]) -> Option<Vec<u8>> {
    let length = long(bmp, FILE_HEADER)? as usize;
    // 52 and 56 are longer headers of Windows.
    if !OS_2.contains(&length) || matches!(length, WINDOWS | 52 | 56) {
        return None;
    }
    let (start, header) = (
        long(bmp, START.start)? as usize,
        FILE_HEADER..FILE_HEADER + length,
    );
    let mut fields = bmp.get(header.clone())?[..length.min(WINDOWS)].to_vec();
    fields.resize(WINDOWS, 0);
    fields[..4].copy_from_slice(&(WINDOWS as u32).to_le_bytes());
    // Compressions 3 and 4 are those of faxes and of 24-bit runs here, and something else in
    // Windows' header.
    if long(&fields, 16)? > 2 {
        return None;
    }
    let moved = (start + WINDOWS).checked_sub(length)?;
    let mut file = bmp[..10].to_vec();
    file.extend((moved as u32).to_le_bytes());
    file.extend(fields);
    file.extend_from_slice(bmp.get(header.end..)?);
    Some(file)
}
