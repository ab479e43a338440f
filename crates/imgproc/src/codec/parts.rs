//! JPEG to pixels by several workers, which begin at restart markers.
//!
//! A restart marker resets the state of a decoder. So the data between markers, if they are whole
//! rows of units, are a JPEG of their own behind the same header, with another height. Each worker
//! decodes such a part, with the decoder that also decodes whole photos, and the pixels are the
//! same. What this decoder sees of other parts in the whole, it must see here, too. That is decoded
//! twice, and thrown away:
//!
//! - *The next row of units.* Colours that rows share are mixed with those of the next row. And the
//!   decoder notices that data are missing when it decodes the next row.
//! - *The intervals above*, if rows share their colours.
//!
//! There are no parts where a JPEG has no restart markers, as most cameras write none, or where its
//! layout is unusual. If a part can't be decoded, the whole is decoded instead, and that says what
//! is wrong.

use std::ops::Range;

use anyhow::{Context, Result, ensure};
use zune_core::colorspace::ColorSpace;

use super::entropy::{Layout, Share, UNREAD};
use super::header::{Header, Scans};
use super::{frequencies, jpeg, memory, planes};

/// A part of a JPEG, and the memory that it is decoded to.
pub enum Part<'a> {
    /// To pixels.
    Pixels(Pixels<'a>),
    /// To the frequencies of its luma.
    Frequencies(frequencies::Part<'a>),
    /// To the pixels of its luma.
    Luma(frequencies::Luma<'a>),
    /// To its planes.
    Planes(planes::Part<'a>),
}

impl Part<'_> {
    /// Decodes the part. Returns the place of its own pixels, for `joined`. The other kinds are in
    /// their place already.
    ///
    /// # Errors
    /// If it is damaged, or its neighbour.
    pub fn decode(self) -> Result<Range<usize>> {
        match self {
            Self::Pixels(pixels) => pixels.decode(),
            Self::Frequencies(part) => part.decode().map(|()| 0..0),
            Self::Luma(part) => part.read(frequencies::Band::transform).map(|()| 0..0),
            Self::Planes(part) => part.decode().map(|()| 0..0),
        }
    }
}

/// A part of a JPEG, and the memory for its pixels.
pub struct Pixels<'a> {
    /// What the codes are checked by, since the decoder takes zeros for data that are missing.
    layout: &'a Layout,
    jpeg: &'a [u8],
    share: Share<'a>,
    header: &'a [u8],
    intervals: Vec<&'a [u8]>,
    wanted: ColorSpace,
    /// The rows of pixels that are decoded.
    height: usize,
    /// The place of those that are kept, in the memory of all parts.
    own: Range<usize>,
    out: &'a mut [u8],
}

impl Pixels<'_> {
    fn decode(self) -> Result<Range<usize>> {
        let file = jpeg::with_intervals(self.header, self.intervals, self.height, Vec::new());
        ensure!(self.layout.check(self.jpeg, &self.share)? == 0, UNREAD);
        let decoded = jpeg::decoder(&file, self.wanted).decode_into(self.out);
        decoded.ok().context("a damaged part")?;
        Ok(self.own)
    }
}

/// Divides a JPEG into a part for each worker, and makes `pixels` large enough for all parts.
/// Returns no parts if the JPEG has to be decoded as a whole.
pub fn divided<'a>(
    jpeg: &'a [u8],
    header: &Header,
    scans: &Scans,
    (layout, wanted): (&'a Layout, ColorSpace),
    workers: usize,
    pixels: &'a mut Vec<u8>,
) -> Vec<Part<'a>> {
    let [width, height] = header.size();
    let (Some((count, rows)), Some(first)) = (header.whole_rows(), scans.intervals.first()) else {
        return Vec::new();
    };
    // Intervals that are whole rows, which are the least that can be decoded.
    let groups: Vec<_> = scans.intervals.chunks(count).collect();
    let is_only_scan = header.data_start(jpeg) == Some(first.start);
    if !is_only_scan || groups.len() != height.div_ceil(rows) {
        return Vec::new();
    }
    let size = groups.len().div_ceil(workers);
    // A part has the row below, too, and a JPEG's height has 16 bits.
    let fits = height + header.unit_height() <= usize::from(u16::MAX);
    if size == groups.len() || !fits {
        return Vec::new();
    }
    let stride = width * wanted.num_components();
    let shared = wanted != ColorSpace::Luma && header.unit_height() > 8;
    let (mut parts, mut next) = (Vec::new(), 0);
    for start in (0..groups.len()).step_by(size) {
        let end = (start + size).min(groups.len());
        let below = usize::from(end < groups.len());
        let above = usize::from(shared && start > 0);
        let own = (end * rows).min(height) - start * rows;
        let kept = next + above * rows;
        let decoded = above * rows + own + below * header.unit_height();
        next += decoded;
        let intervals = groups[start - above..end + below].iter().copied().flatten();
        let intervals: Vec<_> = intervals.map(|of| &jpeg[of.clone()]).collect();
        parts.push((intervals, decoded, kept * stride..(kept + own) * stride));
    }
    *pixels = memory(std::mem::take(pixels), next * stride);
    let mut rest = pixels.as_mut_slice();
    // They are divided alike.
    let shares = layout.shares(header, workers);
    let part = |((intervals, height, own), share)| {
        let out;
        (out, rest) = std::mem::take(&mut rest).split_at_mut(height * stride);
        Part::Pixels(Pixels {
            layout,
            jpeg,
            share,
            header: &jpeg[..first.start],
            intervals,
            wanted,
            height,
            own,
            out,
        })
    };
    parts.into_iter().zip(shares).map(part).collect()
}

/// Puts the parts' own pixels, whose places are `own`, one after the other.
pub fn joined(mut pixels: Vec<u8>, own: &[Range<usize>]) -> Vec<u8> {
    let mut length = 0;
    for place in own {
        pixels.copy_within(place.clone(), length);
        length += place.len();
    }
    pixels.truncate(length);
    pixels
}
