//! JPEGs that the fast decoder reads wrongly, or not at all: progressive ones, of which it does not
//! notice that data are missing; those whose channels are in scans of their own while several
//! pixels share a colour; those of rare samplings, very narrow ones, and lossless ones. This
//! decoder is plain: it reads the coefficients of all scans, then makes samples of them, and then
//! pixels.

use anyhow::{Context, Result, bail};

use super::header::Header;
use super::{colours, memory};
use picture::Picture;

mod arithmetic;
mod blocks;
mod lossless;
mod picture;

const DAMAGED: &str = "the JPEG is damaged";

/// What was decoded.
pub struct Decoded {
    /// The bytes of all pixels.
    pub pixels: Vec<u8>,
    /// The number of bytes in the file that [belong to no block](super::entropy::UNREAD).
    pub unread: usize,
}

/// Decodes luma, which must be the first channel, in the memory of `spare`.
///
/// # Errors
/// If the file is damaged.
pub fn luma(jpeg: &[u8], header: &Header, spare: Vec<u8>) -> Result<Decoded> {
    let (mut planes, unread) = planes(jpeg, header, 1, true, spare)?;
    let pixels = planes.pop().context(DAMAGED)?;
    Ok(Decoded { pixels, unread })
}

/// Decodes three channels, or four with black ink at the end, to RGB, in the memory of `spare`.
/// The first three are luma and chroma, unless the file says that they are RGB, or inks.
///
/// # Errors
/// If the file is damaged.
pub fn rgb(jpeg: &[u8], header: &Header, spare: Vec<u8>) -> Result<Decoded> {
    let (planes, unread) = planes(jpeg, header, header.channels().len(), true, Vec::new())?;
    let [first, second, third, black @ ..] = &planes[..] else {
        bail!(DAMAGED);
    };
    let mut out = memory(spare, 3 * first.len());
    let is_converted = !header.is_rgb(jpeg);
    if is_converted {
        colours::rgb(first, second, third, &mut out);
    } else {
        let pixels = first.iter().zip(second).zip(third);
        for (out, ((first, second), third)) in out.as_chunks_mut().0.iter_mut().zip(pixels) {
            *out = [*first, *second, *third];
        }
    }
    if let [black] = black {
        // Inks are stored inverted, as Adobe's programs do it. So they are light, and black takes
        // its share of it. Those made of luma and chroma are not.
        for (pixel, black) in out.as_chunks_mut::<3>().0.iter_mut().zip(black) {
            for value in pixel {
                let light = if is_converted { 255 - *value } else { *value };
                *value = ((u16::from(light) * u16::from(*black) + 127) / 255) as u8;
            }
        }
    }
    Ok(Decoded {
        pixels: out,
        unread,
    })
}

/// Decodes all channels, pixel by pixel, as they are stored. Where pixels share a value, each has
/// it: so libtiff does it with the old form of JPEG compression.
///
/// # Errors
/// If the file is damaged.
pub fn stored(jpeg: &[u8], header: &Header) -> Result<Decoded> {
    let (planes, unread) = planes(jpeg, header, header.channels().len(), false, Vec::new())?;
    let pixels = 0..header.size().iter().product();
    let pixels = pixels.flat_map(|at| planes.iter().map(move |plane| plane[at]));
    Ok(Decoded {
        pixels: pixels.collect(),
        unread,
    })
}

/// Decodes so many channels, each at the size of the photo, the first in the memory of `spare`.
/// Returns the number of bytes that belong to no block, too.
fn planes(
    jpeg: &[u8],
    header: &Header,
    count: usize,
    mixed: bool,
    mut spare: Vec<u8>,
) -> Result<(Vec<Vec<u8>>, usize)> {
    let mut picture = Picture::new(header, count);
    picture.read(jpeg).ok().context(DAMAGED)?;
    let channels = picture.channels.into_iter().take(count).enumerate();
    let planes = channels.map(|(index, channel)| {
        let from = header.size_of(index);
        let samples = match header.is_lossless() {
            true => channel.samples,
            false => channel.plane(from, std::mem::take(&mut spare))?,
        };
        let filled = samples.len() == from[0] * from[1];
        let by = header.times(index);
        // The C library does not mix where there are only two columns, or more share a value.
        let mixes = mixed && (by == [1, 2] || from[0] > 2 && matches!(by, [2, 1 | 2]));
        filled.then(|| enlarged(samples, from, (by, mixes), header.size()))
    });
    let planes = planes.collect::<Option<_>>().context(DAMAGED)?;
    Ok((planes, picture.unread))
}

/// Enlarges a channel to the size of the photo, so many times across and down. If it `mixes`, each
/// value that two pixels share is mixed with its nearer neighbour, three parts to one, as the C
/// library does it.
fn enlarged(
    plane: Vec<u8>,
    [columns, rows]: [usize; 2],
    (by, mixes): ([usize; 2], bool),
    [width, height]: [usize; 2],
) -> Vec<u8> {
    if [columns, rows] == [width, height] {
        return plane;
    }
    let mut out = vec![0; width * height];
    // Four times the values, so that nothing is rounded twice, with one more at each end.
    let mut tall = vec![0; columns + 2];
    for (y, out) in out.chunks_exact_mut(width).enumerate() {
        let near = y / by[1];
        let other = match (mixes && by[1] == 2, y % 2) {
            (false, _) => near,
            (true, 0) => near.saturating_sub(1),
            (true, _) => (near + 1).min(rows - 1),
        };
        let [near, other] = [near, other].map(|y| &plane[y * columns..][..columns]);
        for ((tall, near), other) in tall[1..].iter_mut().zip(near).zip(other) {
            *tall = 3 * u16::from(*near) + u16::from(*other);
        }
        (tall[0], tall[columns + 1]) = (tall[1], tall[columns]);
        let mixed = |near: u16, other: u16| ((3 * near + other + 8) / 16) as u8;
        if mixes && by[0] == 2 {
            let (pairs, rest) = out.as_chunks_mut();
            let mut last = 0;
            for (two, three) in pairs.iter_mut().zip(tall.windows(3)) {
                *two = [mixed(three[1], three[0]), mixed(three[1], three[2])];
                last += 1;
            }
            if let [odd] = rest {
                *odd = mixed(tall[last + 1], tall[last]);
            }
        } else {
            for (many, value) in out.chunks_mut(by[0]).zip(&tall[1..]) {
                many.fill(mixed(*value, *value));
            }
        }
    }
    out
}
