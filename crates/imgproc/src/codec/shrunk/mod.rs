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

mod colours;
mod transform;

use anyhow::{Result, bail};

use super::entropy::{Bits, Channel, END, FULL, Layout, MISSING, Table, unstuffed};
use super::header::{Header, Scans};
use crate::resize::{Resize, fitting};
pub use transform::ZIGZAG;
use transform::{BLOCKS, DROPPED, Four, One, Place, Rows, Size, Strip, Two};

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
        if from.0 < self.stride {
            for row in 1..from.1 {
                let start = row * self.stride;
                self.samples
                    .copy_within(start..start + from.0, row * from.0);
            }
        }
        self.samples.truncate(from.0 * from.1);
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
/// memory of `out`. Returns the size, or nothing if the JPEG is of a kind that is not read here, or
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
) -> Result<Option<(usize, usize)>> {
    let full: (usize, usize) = header.size().into();
    let times = |(_, times): &(usize, usize)| full.0.max(full.1) >= times * longer;
    let Some((part, _)) = PARTS.into_iter().find(times) else {
        return Ok(None);
    };
    let Some(layout) = Layout::read(jpeg, header, scans)? else {
        return Ok(None);
    };
    let planes = match part {
        2 => planes::<Four>(&layout, jpeg, scans)?,
        4 => planes::<Two>(&layout, jpeg, scans)?,
        _ => planes::<One>(&layout, jpeg, scans)?,
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
    Ok(Some(to))
}

/// Decodes the planes of all channels.
fn planes<S: Size>(layout: &Layout, jpeg: &[u8], scans: &Scans) -> Result<Vec<Plane>> {
    let (across, down) = layout.units();
    let plane = |channel: &Channel| {
        let stride = across * channel.blocks.0 * S::SAMPLES;
        let rows = down * channel.blocks.1 * S::SAMPLES;
        Plane {
            stride,
            samples: vec![0; stride * rows],
        }
    };
    let mut planes: Vec<Plane> = layout.channels.iter().map(plane).collect();
    let mut scan = Scan::<S>::new(layout)?;
    let units = across * down;
    let interval = if layout.interval == 0 {
        units
    } else {
        layout.interval
    };
    let intervals = &scans.intervals;
    for (place, start) in intervals.iter().zip((0..units).step_by(interval)) {
        let bytes = unstuffed(&jpeg[place.clone()]);
        scan.interval(&bytes, start..(start + interval).min(units), &mut planes)?;
    }
    if intervals.len() < units.div_ceil(interval) {
        bail!("restart markers are missing");
    }
    Ok(planes)
}

/// Decodes units of a scan, as many as fit into a strip at a time.
struct Scan<'a, S> {
    layout: &'a Layout,
    /// The codes of each channel, for the first coefficient of a block and for the others.
    codes: Vec<(&'a Table, &'a Table)>,
    places: Vec<[Place; 64]>,
    /// The strips of each channel, from top to bottom.
    strips: Vec<Vec<Strip>>,
    rows: Rows,
    size: std::marker::PhantomData<S>,
}

impl<'a, S: Size> Scan<'a, S> {
    fn new(layout: &'a Layout) -> Result<Self> {
        let codes = |channel| layout.codes(channel);
        let places = |channel| Ok(S::places(layout.divisors(channel)?));
        let strips = |channel: &Channel| vec![[[0.0; BLOCKS]; DROPPED + 1]; channel.blocks.1];
        Ok(Self {
            layout,
            codes: layout.channels.iter().map(codes).collect::<Result<_>>()?,
            places: layout.channels.iter().map(places).collect::<Result<_>>()?,
            strips: layout.channels.iter().map(strips).collect(),
            rows: [[0; BLOCKS]; 4],
            size: std::marker::PhantomData,
        })
    }

    /// Decodes the units of a restart interval.
    fn interval(
        &mut self,
        bytes: &[u8],
        units: std::ops::Range<usize>,
        planes: &mut [Plane],
    ) -> Result<()> {
        let mut bits = Bits::new(bytes);
        let mut before = [0; 4];
        let across = self.layout.units().0;
        let most = BLOCKS / self.layout.channels[0].blocks.0;
        let mut next = units.start;
        while next < units.end {
            let (x, y) = (next % across, next / across);
            let count = most.min(across - x).min(units.end - next);
            self.read(&mut bits, count, &mut before)?;
            // Behind the end there are zeros, which are codes of something, too.
            if bits.is_over() {
                bail!(MISSING);
            }
            self.transform((x, y), count, planes);
            next += count;
        }
        Ok(())
    }

    /// Reads the coefficients of so many units.
    fn read(&mut self, bits: &mut Bits<'_>, count: usize, before: &mut [i32; 4]) -> Result<()> {
        for strip in self.strips.iter_mut().flatten() {
            strip[..S::SAMPLES * S::SAMPLES]
                .as_flattened_mut()
                .fill(0.0);
        }
        for unit in 0..count {
            let each = self
                .layout
                .channels
                .iter()
                .zip(&self.codes)
                .zip(&self.places);
            let each = each.zip(&mut self.strips).zip(&mut *before);
            for ((((channel, (first, others)), places), strips), before) in each {
                for strip in strips {
                    for x in 0..channel.blocks.0 {
                        // Of the first coefficient, the difference to the block before.
                        *before = before.wrapping_add(bits.next(first)?.1);
                        let at = unit * channel.blocks.0 + x;
                        strip[0][at] = *before as f32 * places[0].factor;
                        block::<S>(bits, others, places, strip, at)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes samples of so many units, of which the first is at the place `unit`.
    fn transform(&mut self, unit: (usize, usize), count: usize, planes: &mut [Plane]) {
        let each = self.layout.channels.iter().zip(&self.strips).zip(planes);
        for ((channel, strips), plane) in each {
            let (across, down) = channel.blocks;
            let left = unit.0 * across * S::SAMPLES;
            for (y, strip) in (unit.1 * down..).zip(strips) {
                S::blocks(strip, count * across, &mut self.rows);
                for (y, row) in (y * S::SAMPLES..).zip(&self.rows[..S::SAMPLES]) {
                    let out = &mut plane.samples[y * plane.stride + left..];
                    let out = out.chunks_exact_mut(S::SAMPLES).zip(&row[..count * across]);
                    for (out, samples) in out {
                        out.copy_from_slice(&samples.to_le_bytes()[..S::SAMPLES]);
                    }
                }
            }
        }
    }
}

/// Reads the coefficients of a block but the first one, and puts those that are needed into the
/// strip's column `at`.
#[inline(always)]
fn block<S: Size>(
    bits: &mut Bits<'_>,
    codes: &Table,
    places: &[Place; 64],
    strip: &mut Strip,
    at: usize,
) -> Result<()> {
    let mut index = 1;
    while index < S::NEEDED {
        let (count, value) = bits.next(codes)?;
        index += count;
        match places.get(index - 1) {
            Some(place) => strip[place.row.min(DROPPED)][at % BLOCKS] = value as f32 * place.factor,
            None if count == END => return Ok(()),
            None => bail!(FULL),
        }
    }
    bits.pass_rest(codes, index)
}
