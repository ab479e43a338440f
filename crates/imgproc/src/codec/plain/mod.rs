//! JPEGs that the fast decoder reads wrongly, or not at all: those whose channels are in scans of
//! their own while several pixels share a colour, those of rare samplings, very narrow ones, and
//! lossless ones. No camera writes them, so this decoder is plain, and not fast: it reads the
//! coefficients of all scans, then makes samples of them, and then pixels.

use anyhow::{Context, Result, bail};

use super::header::Header;
use picture::Picture;

mod arithmetic;
mod blocks;
mod lossless;
mod picture;

const DAMAGED: &str = "the JPEG is damaged";

/// Decodes luma, which must be the first channel.
///
/// # Errors
/// If the file is damaged.
pub fn luma(jpeg: &[u8], header: &Header) -> Result<Vec<u8>> {
    let plane = planes(jpeg, header, 1, true)?.pop();
    plane.context(DAMAGED)
}

/// Decodes three channels to RGB. They are luma and chroma, unless the file says that they are RGB.
///
/// # Errors
/// If the file is damaged.
pub fn rgb(jpeg: &[u8], header: &Header) -> Result<Vec<u8>> {
    let planes = planes(jpeg, header, 3, true)?;
    let [first, second, third] = &planes[..] else {
        bail!(DAMAGED);
    };
    let pixels = first.iter().zip(second).zip(third);
    let pixels = pixels.map(|((first, second), third)| [*first, *second, *third]);
    Ok(match header.is_rgb(jpeg) {
        true => pixels.flatten().collect(),
        false => pixels.flat_map(to_rgb).collect(),
    })
}

/// Decodes all channels, pixel by pixel, as they are stored. Where pixels share a value, each has
/// it: so libtiff does it with the old form of JPEG compression.
///
/// # Errors
/// If the file is damaged.
pub fn stored(jpeg: &[u8], header: &Header) -> Result<Vec<u8>> {
    let planes = planes(jpeg, header, header.channels().len(), false)?;
    let pixels = 0..header.size().iter().product();
    let pixels = pixels.flat_map(|at| planes.iter().map(move |plane| plane[at]));
    Ok(pixels.collect())
}

/// Decodes so many channels, each at the size of the photo.
fn planes(jpeg: &[u8], header: &Header, count: usize, mixed: bool) -> Result<Vec<Vec<u8>>> {
    let mut picture = Picture::new(header);
    picture.read(jpeg).ok().context(DAMAGED)?;
    let waves = blocks::waves();
    let channels = picture.channels.into_iter().take(count).enumerate();
    let planes = channels.map(|(index, channel)| {
        let from = header.size_of(index);
        let samples = match header.is_lossless() {
            true => channel.samples,
            false => channel.plane(from, &waves)?,
        };
        let filled = samples.len() == from[0] * from[1];
        let by = header.times(index);
        // The C library does not mix where there are only two columns, or more share a value.
        let mixes = mixed && (by == [1, 2] || from[0] > 2 && matches!(by, [2, 1 | 2]));
        filled.then(|| enlarged(&samples, from, (by, mixes), header.size()))
    });
    planes.collect::<Option<_>>().context(DAMAGED)
}

/// JFIF 1.02, *Conversion to and from RGB*.
fn to_rgb(colours: [u8; 3]) -> [u8; 3] {
    let [y, cb, cr] = colours.map(f32::from);
    let (cb, cr) = (cb - 128.0, cr - 128.0);
    let rgb = [
        y + 1.402 * cr,
        y - 0.344136 * cb - 0.714136 * cr,
        y + 1.772 * cb,
    ];
    rgb.map(|value| value.round() as u8)
}

/// Enlarges a channel to the size of the photo, so many times across and down. If it `mixes`, each
/// value that two pixels share is mixed with its nearer neighbour, three parts to one, as the C
/// library does it.
fn enlarged(
    plane: &[u8],
    [columns, rows]: [usize; 2],
    (by, mixes): ([usize; 2], bool),
    to: [usize; 2],
) -> Vec<u8> {
    let [width, height] = to;
    let neighbours = |place: usize, count: usize, times: usize| {
        let near = place / times;
        let other = match (mixes && times == 2, place % 2) {
            (false, _) => near,
            (true, 0) => near.saturating_sub(1),
            (true, _) => near + 1,
        };
        [near, other.min(count - 1)]
    };
    // Four times the values, so that nothing is rounded twice.
    let mixed = |near: u8, other: u8| 3 * u16::from(near) + u16::from(other);
    let tall = (0..height).flat_map(|y| {
        let [near, other] = neighbours(y, rows, by[1]).map(|y| &plane[y * columns..][..columns]);
        near.iter()
            .zip(other)
            .map(move |(near, other)| mixed(*near, *other))
    });
    let tall: Vec<u16> = tall.collect();
    let across: Vec<_> = (0..width).map(|x| neighbours(x, columns, by[0])).collect();
    let rows = tall.chunks_exact(columns);
    let wide = rows.flat_map(|row| {
        let value = |[near, other]: &[usize; 2]| ((3 * row[*near] + row[*other] + 8) / 16) as u8;
        across.iter().map(value)
    });
    wide.collect()
}
