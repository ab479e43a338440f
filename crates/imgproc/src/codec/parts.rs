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

use anyhow::{Context, Result};
use zune_core::colorspace::ColorSpace;

use super::header::{Header, Scans};
use super::jpeg;

/// The parts for each worker. With several, a worker that was held up has less left to do.
const FOR_A_WORKER: usize = 4;

/// The least number of intervals in a part for each one above it that is thrown away.
const FOR_ONE_ABOVE: usize = 16;

/// A part of a JPEG, and the memory for its pixels.
pub struct Part<'a> {
    header: &'a [u8],
    intervals: Vec<&'a [u8]>,
    wanted: ColorSpace,
    /// The rows of pixels that are decoded.
    height: usize,
    /// The bytes of those that are thrown away at the top.
    above: usize,
    out: &'a mut [u8],
}

impl Part<'_> {
    /// Decodes the part.
    ///
    /// # Errors
    /// If it is damaged, or its neighbour.
    pub fn decode(self) -> Result<()> {
        let file = jpeg::with_intervals(self.header, self.intervals, self.height, Vec::new());
        let pixels = jpeg::decoder(&file, self.wanted).decode().ok();
        let own = pixels.as_ref().and_then(|pixels| {
            let from = pixels.get(self.above..)?;
            from.get(..self.out.len())
        });
        self.out.copy_from_slice(own.context("a damaged part")?);
        Ok(())
    }
}

/// Divides a JPEG among workers. `out` is the memory of all its pixels. Returns no parts if the
/// JPEG has to be decoded as a whole.
pub fn divided<'a>(
    jpeg: &'a [u8],
    header: &Header,
    scans: &Scans,
    wanted: ColorSpace,
    workers: usize,
    out: &'a mut [u8],
) -> Vec<Part<'a>> {
    let [_, height] = header.size();
    let (Some((count, rows)), Some(first)) = (header.whole_rows(), scans.intervals.first()) else {
        return Vec::new();
    };
    // Intervals that are whole rows, which are the least that can be decoded.
    let groups: Vec<_> = scans.intervals.chunks(count).collect();
    let is_only_scan = header.data_start(jpeg) == Some(first.start);
    if !is_only_scan || groups.len() != height.div_ceil(rows) {
        return Vec::new();
    }
    let stride = out.len() / height;
    let shared = wanted != ColorSpace::Luma && header.unit_height() > 8;
    let least = match shared {
        true => FOR_ONE_ABOVE.min(groups.len().div_ceil(workers)),
        false => 1,
    };
    let size = groups.len().div_ceil(FOR_A_WORKER * workers).max(least);
    if size == groups.len() {
        return Vec::new();
    }
    let starts = (0..groups.len()).step_by(size);
    let part = |(start, out): (usize, &'a mut [u8])| {
        let end = (start + size).min(groups.len());
        let below = usize::from(end < groups.len());
        let above = usize::from(shared && start > 0);
        let intervals = groups[start - above..end + below].iter().copied().flatten();
        Part {
            header: &jpeg[..first.start],
            intervals: intervals.map(|interval| &jpeg[interval.clone()]).collect(),
            wanted,
            height: above * rows + out.len() / stride + below * header.unit_height(),
            above: above * rows * stride,
            out,
        }
    };
    starts
        .zip(out.chunks_mut(size * rows * stride))
        .map(part)
        .collect()
}
