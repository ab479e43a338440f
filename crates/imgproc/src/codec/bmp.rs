//! BMP's headers, as far as the crate `image` does not read them.

use std::borrow::Cow;

use super::metadata::Density;

const FILE_HEADER: usize = 14;
/// The length of Windows' header, and the lengths of those of OS/2 2.x, which begin with the same
/// fields; the shorter one ends before some of them.
const WINDOWS: usize = 40;
/// Where Windows' header has the number of planes.
const PLANES: std::ops::Range<usize> = 26..28;
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

/// Returns a file with the header of OS/2 2.x as one with that of Windows, and a wrong number of
/// planes as 1, as other programs read it. Other files are returned as they are.
pub fn mended(bmp: &[u8]) -> Cow<'_, [u8]> {
    let mut file = rewritten(bmp).map_or(Cow::Borrowed(bmp), Cow::Owned);
    let header = long(&file, FILE_HEADER).unwrap_or_default() as usize;
    if header >= WINDOWS
        && let Some(planes) = file.get(PLANES)
        && planes != [1, 0]
    {
        file.to_mut()[PLANES].copy_from_slice(&[1, 0]);
    }
    file
}

fn rewritten(bmp: &[u8]) -> Option<Vec<u8>> {
    let length = long(bmp, FILE_HEADER)? as usize;
    // 52 and 56 are longer headers of Windows.
    if !OS_2.contains(&length) || matches!(length, WINDOWS | 52 | 56) {
        return None;
    }
    let (start, header) = (long(bmp, 10)? as usize, FILE_HEADER..FILE_HEADER + length);
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
