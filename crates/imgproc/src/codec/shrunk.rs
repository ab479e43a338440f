//! JPEG to a smaller picture, for thumbnails.
//!
//! The most work of a decoder is not to read its codes but to make pixels of them, which a
//! thumbnail is too small to show. So this decodes the low frequencies alone, which gives a half, a
//! quarter or an eighth of the size, and passes over the codes of all others. What remains is
//! resized before it becomes red, green and blue: luma, and the colours, which are smaller still.
//!
//! No kept crate does that and says when data are missing. `jpeg-decoder` 0.3.2 fills them with
//! zeros, and `libjpeg-turbo-rs` 0.9.0 takes half as long again, and has `unsafe` code for bytes
//! from strangers.
//!
//! This reads what cameras write (see [`Layout::read`]). All else is decoded at full size.

use anyhow::{Result, bail};

use super::blocks::{self, Four, One, Size, Two};
use super::colours;
use super::entropy::{Channel, Layout};
use super::header::{Header, Scans};
use crate::resize::{Resize, fitting};

/// The parts of its size at which a picture is decoded, each with the least number of times that
/// the picture is larger than the result. What is decoded is larger than the result, too: so the
/// kernel of the resizing makes the picture, and not the transform, whose blocks would begin to
/// show. With these numbers every sample is at least 40 dB from the whole picture, decoded and
/// resized.
const PARTS: [(usize, usize); 3] = [(8, 24), (4, 7), (2, 3)];

/// The samples of a channel. Its rows are whole blocks.
struct Plane {
    stride: usize,
    samples: Vec<u8>,
}

impl Plane {
    /// Returns the picture, which is this part of the plane, at another size.
    fn resized(mut self, part: (f64, f64), to: (usize, usize)) -> Vec<u8> {
        let from = (part.0.ceil() as usize, part.1.ceil() as usize);
        blocks::cut(&mut self.samples, self.stride, from);
        if part == (to.0 as f64, to.1 as f64) {
            // Each sample would be itself. So it is with the colours of many photos.
            return self.samples;
        }
        let mut out = vec![0; to.0 * to.1];
        Resize::of_part(from, part, to).rows(&self.samples, 1, 0..to.1, &mut out);
        out
    }
}

/// Decodes a JPEG whose first channel is luma, at the size whose longer side is `longer`, into the
/// memory of `out`. Returns the size, and the number of bytes that [belong to no
/// block](super::entropy::UNREAD), or nothing if the JPEG is of a kind that is not read here, or
/// not so much larger that there is something to be gained.
///
/// # Errors
/// If it is damaged.
pub fn decode(
    jpeg: &[u8],
    header: &Header,
    scans: &Scans,
    longer: usize,
    out: &mut Vec<u8>,
) -> Result<Option<((usize, usize), usize)>> {
    let full: (usize, usize) = header.size().into();
    let times = |(_, times): &(usize, usize)| full.0.max(full.1) >= times * longer;
    let Some((part, _)) = PARTS.into_iter().find(times) else {
        return Ok(None);
    };
    let Some(layout) = Layout::read(jpeg, header, scans)? else {
        return Ok(None);
    };
    let (planes, unread) = match part {
        2 => planes::<Four>(&layout, jpeg)?,
        4 => planes::<Two>(&layout, jpeg)?,
        _ => planes::<One>(&layout, jpeg)?,
    };
    let to = fitting(full, longer);
    let each = layout.channels.iter().zip(planes);
    let mut planes = each.map(|(channel, plane)| {
        // The samples of the picture, without what fills its last blocks.
        let part_of =
            |full: usize, blocks: usize, most: usize| (full * blocks) as f64 / (most * part) as f64;
        let most = layout.channels[0].blocks;
        let across = part_of(full.0, channel.blocks.0, most.0);
        let down = part_of(full.1, channel.blocks.1, most.1);
        plane.resized((across, down), to)
    });
    out.resize(to.0 * to.1 * layout.channels.len(), 0);
    match (planes.next(), planes.next(), planes.next()) {
        (Some(luma), Some(blue), Some(red)) => colours::rgb(&luma, &blue, &red, out),
        (Some(luma), ..) => out.copy_from_slice(&luma),
        _ => bail!("no channel"),
    }
    Ok(Some((to, unread)))
}

/// Decodes the planes of all channels. Returns the number of bytes that belong to no block, too.
fn planes<S: Size>(layout: &Layout, jpeg: &[u8]) -> Result<(Vec<Plane>, usize)> {
    let plane = |channel: &Channel| {
        let (stride, rows) = blocks::size_of(layout, channel, S::SAMPLES);
        Plane {
            stride,
            samples: vec![0; stride * rows],
        }
    };
    let mut planes: Vec<Plane> = layout.channels.iter().map(plane).collect();
    let memory = planes.iter_mut().map(|plane| blocks::Plane {
        stride: plane.stride,
        samples: &mut plane.samples,
    });
    let mut memory: Vec<_> = memory.collect();
    let unread = blocks::decode::<S>(layout, jpeg, &layout.whole(), &mut memory)?;
    Ok((planes, unread))
}
