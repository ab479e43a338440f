//! Resizing: the columns first, then the rows.
//!
//! The [kernel](lanczos) is separable. Work on columns is work on whole rows at a time,
//! which vector instructions do best, and it leaves fewer rows for the other direction, where the
//! samples of one kernel lie apart. A band of the *result* needs only some rows of the source, so
//! workers can share one picture.
//!
//! The sums wrap by name (`wrapping_add`): a loop with overflow checks is not vectorised.

use std::ops::Range;

mod lanczos;

use lanczos::Kernels;

/// The number of samples of a row that are worked on together: their sums fit in the first-level
/// cache.
pub const BLOCK: usize = 1024;

/// Rows of the result between the two directions, few enough to stay in the cache.
const STRIP: usize = 4;

/// The sum of vertical weights. A sum of products with bytes then fits in 16 bits.
const DOWN: i32 = 1 << 7;

/// Added to the vertical sums, so that none is negative where the kernel undershoots.
const LIFT: u16 = 96 << 7;

/// The sum of horizontal weights.
const ALONG: i32 = 1 << 14;

/// Rows of the source that are added in one loop.
const ROWS: usize = 8;

/// Products in one vector.
const LANES: usize = 8;

/// Returns the size of the same shape whose longer side is `longer`.
pub fn fitting((width, height): (usize, usize), longer: usize) -> (usize, usize) {
    let before = width.max(height);
    let scale = |side: usize| ((side * longer + before / 2) / before).max(1);
    (scale(width), scale(height))
}

/// A change of size, with the weights for all samples of the result.
pub struct Resize {
    from: (usize, usize),
    to: (usize, usize),
    vertical: Kernels,
    horizontal: Kernels,
}

impl Resize {
    /// Prepares a change `from` width and height `to` another.
    pub fn new(from: (usize, usize), to: (usize, usize)) -> Self {
        Self::of_part(from, (from.0 as f64, from.1 as f64), to)
    }

    /// Prepares a change `to` another size of a picture that ends within its last column and row:
    /// of those `from` the left and the top, so many become the result.
    pub fn of_part(from: (usize, usize), part: (f64, f64), to: (usize, usize)) -> Self {
        Self {
            from,
            to,
            vertical: Kernels::new(from.1, part.1, to.1, DOWN, ROWS),
            horizontal: Kernels::new(from.0, part.0, to.0, ALONG, LANES),
        }
    }

    /// Computes these rows of the result. `channels` is 1, 3, or 4; they are interleaved.
    ///
    /// # Panics
    /// If `source` has another size, or `out` is not exactly these rows.
    pub fn rows(&self, source: &[u8], channels: usize, rows: Range<usize>, out: &mut [u8]) {
        assert_eq!(source.len(), self.from.0 * self.from.1 * channels);
        assert_eq!(out.len(), self.to.0 * rows.len() * channels);
        match channels {
            1 => self.pixels::<1>(source, rows, out),
            3 => self.pixels::<3>(source, rows, out),
            _ => self.pixels::<4>(source, rows, out),
        }
    }

    fn pixels<const CHANNELS: usize>(&self, source: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let (stride, out_stride) = (self.from.0 * CHANNELS, self.to.0 * CHANNELS);
        let mut strip = vec![0; STRIP * stride];
        // A kernel at the end of a row may be padded with weights of 0 beyond it.
        let mut planes = [(); CHANNELS].map(|()| vec![0; self.from.0 + self.horizontal.taps]);
        let mut kernels = self.vertical.iter(rows);
        for out in out.chunks_mut(STRIP * out_stride) {
            let strip = &mut strip[..out.len() / out_stride * stride];
            down(source, stride, kernels.clone(), strip);
            kernels.nth(STRIP - 1);
            let rows = strip
                .chunks_exact(stride)
                .zip(out.chunks_exact_mut(out_stride));
            for (row, out) in rows {
                along::<CHANNELS>(row, &self.horizontal, &mut planes, out);
            }
        }
    }
}

/// Computes each row of `out` from its rows of the source.
fn down<'a>(
    source: &[u8],
    stride: usize,
    kernels: impl Iterator<Item = (usize, &'a [i16])> + Clone,
    out: &mut [u8],
) {
    // Beyond the last row the weights are 0.
    let last = source.len() / stride - 1;
    let row = |y: usize| &source[y.min(last) * stride..][..stride];
    let mut sums = [0; BLOCK];
    for left in (0..stride).step_by(BLOCK) {
        let columns = left..(left + BLOCK).min(stride);
        let sums = &mut sums[..columns.len()];
        for ((first, weights), out) in kernels.clone().zip(out.chunks_exact_mut(stride)) {
            sums.fill(LIFT + DOWN as u16 / 2);
            for (i, weights) in weights.as_chunks::<ROWS>().0.iter().enumerate() {
                let row = |tap| &row(first + ROWS * i + tap)[columns.clone()];
                add_rows(
                    sums,
                    std::array::from_fn(row),
                    weights.map(|weight| weight as u16),
                );
            }
            for (out, &sum) in out[columns.clone()].iter_mut().zip(&*sums) {
                *out = (sum.saturating_sub(LIFT) / DOWN as u16).min(255) as u8;
            }
        }
    }
}

/// Adds the weighted rows modulo 2^16, where a negative weight is a large one.
fn add_rows(sums: &mut [u16], rows: [&[u8]; ROWS], weights: [u16; ROWS]) {
    // All of one length, or each access would be checked.
    let len = sums.len();
    let [a, b, c, d, e, f, g, h] = rows.map(|row| &row[..len]);
    for (i, sum) in sums.iter_mut().enumerate() {
        let product = |value: u8, tap: usize| u16::from(value).wrapping_mul(weights[tap]);
        *sum = sum
            .wrapping_add(product(a[i], 0))
            .wrapping_add(product(b[i], 1))
            .wrapping_add(product(c[i], 2))
            .wrapping_add(product(d[i], 3))
            .wrapping_add(product(e[i], 4))
            .wrapping_add(product(f[i], 5))
            .wrapping_add(product(g[i], 6))
            .wrapping_add(product(h[i], 7));
    }
}

/// Computes a row of the result from a row of the source. `planes` is memory for one row of each
/// channel.
fn along<const CHANNELS: usize>(
    row: &[u8],
    kernels: &Kernels,
    planes: &mut [Vec<i16>; CHANNELS],
    out: &mut [u8],
) {
    // Each channel by itself, so that a kernel's samples lie side by side.
    for (channel, plane) in planes.iter_mut().enumerate() {
        for (value, pixel) in plane.iter_mut().zip(row.as_chunks::<CHANNELS>().0) {
            *value = i16::from(pixel[channel]);
        }
    }
    let out = out.as_chunks_mut::<CHANNELS>().0;
    for ((first, weights), out) in kernels.iter(0..out.len()).zip(out) {
        for (plane, out) in planes.iter().zip(out) {
            let sum = dot(&plane[first..][..weights.len()], weights);
            *out = (sum.wrapping_add(ALONG / 2).max(0) / ALONG).min(255) as u8;
        }
    }
}

/// Returns the sum of the products, in groups that are a vector each.
///
/// Its caller is generic, and so in another code generation unit: without `inline`, each sample
/// would cost a call.
#[inline]
fn dot(values: &[i16], weights: &[i16]) -> i32 {
    let mut sum = 0_i32;
    let weights = weights.as_chunks::<LANES>().0;
    for (values, weights) in values.as_chunks::<LANES>().0.iter().zip(weights) {
        for lane in 0..LANES {
            sum = sum.wrapping_add(i32::from(values[lane]).wrapping_mul(i32::from(weights[lane])));
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::lanczos::lanczos;
    use super::*;
    use crate::filter::accuracy::{self, psnr, transposed};

    fn picture(size: (usize, usize), channels: usize) -> Vec<u8> {
        accuracy::picture(size, channels, 512)
    }

    fn whole(source: &[u8], channels: usize, from: (usize, usize), to: (usize, usize)) -> Vec<u8> {
        let mut out = vec![0; to.0 * to.1 * channels];
        Resize::new(from, to).rows(source, channels, 0..to.1, &mut out);
        out
    }

    /// Resizes one line of samples by the definition.
    fn exact(line: &[f64], to: usize) -> Vec<f64> {
        let ratio = line.len() as f64 / to as f64;
        let value = |i: usize| {
            let middle = (i as f64 + 0.5) * ratio - 0.5;
            let weight = |x: usize| lanczos((x as f64 - middle) / ratio.max(1.0));
            let sum: f64 = (0..line.len()).map(weight).sum();
            line.iter()
                .enumerate()
                .map(|(x, value)| value * weight(x))
                .sum::<f64>()
                / sum
        };
        (0..to).map(value).collect()
    }

    const SIZES: [(usize, usize); 7] = [
        (200, 150),
        (199, 149),
        (130, 98),
        (50, 38),
        (20, 15),
        (1, 1),
        (301, 226),
    ];

    #[test]
    fn as_good_as_the_definition() {
        let from = (200, 150);
        let source = picture(from, 1);
        for to in SIZES {
            let values: Vec<f64> = source.iter().copied().map(f64::from).collect();
            let columns = transposed(&values, from.0);
            let columns: Vec<f64> = columns
                .chunks(from.1)
                .flat_map(|l| exact(l, to.1))
                .collect();
            let rows = transposed(&columns, to.1);
            let expected: Vec<f64> = rows.chunks(from.0).flat_map(|l| exact(l, to.0)).collect();
            let expected: Vec<f64> = expected.iter().map(|v| v.clamp(0.0, 255.0)).collect();
            let psnr = psnr(&whole(&source, 1, from, to), &expected);
            assert!(psnr >= 48.0, "{to:?}: {psnr:.1} dB");
        }
    }

    /// What lies beyond the part has next to no weight.
    #[test]
    fn a_part_is_resized_like_a_picture_of_its_own() {
        let (wide, narrow) = (picture((200, 150), 1), (184, 144));
        let part: Vec<u8> = wide
            .chunks(200)
            .take(144)
            .flat_map(|row| &row[..184])
            .copied()
            .collect();
        let to = (46, 36);
        let mut out = vec![0; to.0 * to.1];
        Resize::of_part((200, 150), (184.0, 144.0), to).rows(&wide, 1, 0..to.1, &mut out);
        let expected = whole(&part, 1, narrow, to);
        let inner = |at: &usize| at % to.0 < to.0 - 3 && at / to.0 < to.1 - 3;
        assert!(
            (0..out.len())
                .filter(inner)
                .all(|at| out[at].abs_diff(expected[at]) <= 1)
        );
    }

    #[test]
    fn flat_stays_flat() {
        for to in SIZES {
            for value in [0, 1, 77, 254, 255] {
                let small = whole(&[value; 200 * 150], 1, (200, 150), to);
                assert!(small.iter().all(|&v| v == value), "{to:?}");
            }
        }
    }

    #[test]
    fn how_the_rows_are_cut_makes_no_difference() {
        let from = (131, 77);
        for (channels, to) in [1, 3, 4]
            .into_iter()
            .flat_map(|c| [(40, 24), (131, 77), (1, 60)].map(|to| (c, to)))
        {
            let source = picture(from, channels);
            let expected = whole(&source, channels, from, to);
            for band in [1, 7, 16, 23] {
                let mut out = vec![0; expected.len()];
                for (i, out) in out.chunks_mut(band * to.0 * channels).enumerate() {
                    let rows = i * band..i * band + out.len() / to.0 / channels;
                    Resize::new(from, to).rows(&source, channels, rows, out);
                }
                assert!(out == expected, "{channels} channels, {to:?}, {band} rows");
            }
        }
    }

    #[test]
    fn channels_do_not_mix() {
        let (from, to) = ((90, 60), (31, 20));
        for channels in [3, 4] {
            let source = picture(from, channels);
            let all = whole(&source, channels, from, to);
            for channel in 0..channels {
                let only = |all: &[u8]| -> Vec<u8> {
                    all.iter()
                        .skip(channel)
                        .step_by(channels)
                        .copied()
                        .collect()
                };
                assert_eq!(only(&all), whole(&only(&source), 1, from, to));
            }
        }
    }
}
