//! Resizing with a Lanczos kernel of three lobes (C. E. Duchon, *Lanczos filtering in one and two
//! dimensions*, 1979). For a smaller picture the kernel is as much wider as the picture is smaller,
//! so that every sample of the source counts.
//!
//! The kernel is separable. The columns come first: that work is on whole rows, which vectors do
//! best, and leaves few rows for the other direction. A band of the *result* needs no more than some
//! rows of the source, so workers can share one picture.

use std::f64::consts::PI;
use std::ops::Range;

/// Rows of the result between the two directions, few enough to stay in the cache.
const STRIP: usize = 8;

/// Samples of a row that are worked on together: their sums fit in the first-level cache.
const BLOCK: usize = 1024;

/// The vertical weights' sum. A sum of products then fits in 16 bits, although the kernel overshoots.
const DOWN: i32 = 1 << 7;

/// Added to the vertical sums, so that none is negative where the kernel undershoots.
const LIFT: u16 = 96 << 7;

/// The horizontal weights' sum.
const ALONG: i32 = 1 << 14;

/// Source rows that are added in one go.
const ROWS: usize = 4;

/// Products in a vector.
const LANES: usize = 8;

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
        Self {
            from,
            to,
            vertical: Kernels::new(from.1, to.1, DOWN, ROWS),
            horizontal: Kernels::new(from.0, to.0, ALONG, LANES),
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

/// Each row of `out` from its rows of the source.
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

/// Modulo 2^16, in which a negative weight is as good as a positive one.
fn add_rows(sums: &mut [u16], [a, b, c, d]: [&[u8]; ROWS], weights: [u16; ROWS]) {
    for ((((sum, &a), &b), &c), &d) in sums.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        let product = |value: u8, tap: usize| u16::from(value).wrapping_mul(weights[tap]);
        let [a, b, c, d] = [product(a, 0), product(b, 1), product(c, 2), product(d, 3)];
        *sum = sum
            .wrapping_add(a.wrapping_add(b))
            .wrapping_add(c.wrapping_add(d));
    }
}

/// A row of the result, from a row of the source. `planes` is memory for one row of each channel.
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

/// The sum of the products. In groups, which are a vector each.
fn dot(values: &[i16], weights: &[i16]) -> i32 {
    let mut sum = 0_i32;
    let weights = weights.as_chunks::<LANES>().0;
    for (values, weights) in values.as_chunks::<LANES>().0.iter().zip(weights) {
        for (&value, &weight) in values.iter().zip(weights) {
            sum = sum.wrapping_add(i32::from(value).wrapping_mul(i32::from(weight)));
        }
    }
    sum
}

/// For samples of a line of the result: which of the source make each of them, and how.
struct Kernels {
    /// The first sample of the source for each one.
    first: Vec<usize>,
    /// How many weights each one has. Those at the end can be 0.
    taps: usize,
    weights: Vec<i16>,
}

impl Kernels {
    /// Computes the weights with which `from` samples become `to`. The weights of each add up to
    /// `unit`, and their number is a multiple of `group`.
    fn new(from: usize, to: usize, unit: i32, group: usize) -> Self {
        let ratio = from as f64 / to as f64;
        // It is not narrower than three lobes of one sample each when a picture is enlarged.
        let scale = ratio.max(1.0);
        let taps = ((6.0 * scale).ceil() as usize).next_multiple_of(group);
        let mut weights = Vec::with_capacity(to * taps);
        let mut values = Vec::with_capacity(taps);
        let first = (0..to).map(|sample| {
            let middle = (sample as f64 + 0.5) * ratio - 0.5;
            let first = (middle - 3.0 * scale + 1.0).max(0.0) as usize;
            let end = ((middle + 3.0 * scale).ceil() as usize).min(from);
            values.clear();
            values.extend((first..end).map(|x| lanczos((x as f64 - middle) / scale)));
            let full = f64::from(unit) / values.iter().sum::<f64>();
            // What rounding adds to one weight is taken from the next: their sum is exact.
            let (mut exact, mut sum) = (0.0, 0.0);
            weights.extend(values.iter().map(|value| {
                exact += value * full;
                let weight = f64::round(exact) - sum;
                sum += weight;
                weight as i16
            }));
            weights.resize((sample + 1) * taps, 0);
            first
        });
        Self {
            first: first.collect(),
            taps,
            weights,
        }
    }

    /// The first sample of the source, and the weights, of these samples.
    fn iter(&self, samples: Range<usize>) -> impl Iterator<Item = (usize, &[i16])> + Clone {
        let weights = &self.weights[samples.start * self.taps..samples.end * self.taps];
        let first = self.first[samples].iter().copied();
        first.zip(weights.chunks_exact(self.taps))
    }
}

/// sinc(x) sinc(x / 3) between -3 and 3.
fn lanczos(x: f64) -> f64 {
    if x.abs() < 1e-9 {
        1.0
    } else if x.abs() < 3.0 {
        3.0 * (PI * x).sin() * (PI * x / 3.0).sin() / (PI * x).powi(2)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture((width, height): (usize, usize), channels: usize) -> Vec<u8> {
        let mut random = 1_u32;
        let sample = |i: usize| {
            let (x, y) = (i / channels % width, i / channels / width);
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let disc = (x * x + y * y) / 512 % 3 * 80;
            (disc + x * 60 / width + (random >> 27) as usize).min(255) as u8
        };
        (0..width * height * channels).map(sample).collect()
    }

    fn whole(source: &[u8], channels: usize, from: (usize, usize), to: (usize, usize)) -> Vec<u8> {
        let mut out = vec![0; to.0 * to.1 * channels];
        Resize::new(from, to).rows(source, channels, 0..to.1, &mut out);
        out
    }

    /// One line of samples, by the definition.
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

    fn transposed(values: &[f64], width: usize) -> Vec<f64> {
        let columns = (0..width).map(|x| values.iter().skip(x).step_by(width));
        columns.flatten().copied().collect()
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
            let error: f64 = whole(&source, 1, from, to)
                .iter()
                .zip(&expected)
                .map(|(&value, exact)| (f64::from(value) - exact.clamp(0.0, 255.0)).powi(2))
                .sum();
            let psnr = 10.0 * (255.0 * 255.0 * expected.len() as f64 / error).log10();
            assert!(psnr >= 48.0, "{to:?}: {psnr:.1} dB");
        }
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

    /// The picture that a kernel makes most of is white where its weights have one sign, and black
    /// elsewhere.
    #[test]
    fn no_vertical_sum_leaves_16_bits() {
        for (from, to) in (1..200)
            .map(|to| (100, to))
            .chain((1..100).map(|to| (20_000, to * to)))
        {
            let kernels = Kernels::new(from, to, DOWN, ROWS);
            for (_, weights) in kernels.iter(0..to) {
                let sum = |sign| -> i32 {
                    let some = weights.iter().filter(|weight| weight.signum() == sign);
                    some.map(|&weight| i32::from(weight) * 255).sum()
                };
                let lowest = i32::from(LIFT) + DOWN / 2;
                assert!(
                    lowest + sum(-1) >= 0 && lowest + sum(1) < 1 << 16,
                    "{from} to {to}"
                );
                assert_eq!(sum(1) + sum(-1), 255 * DOWN);
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
