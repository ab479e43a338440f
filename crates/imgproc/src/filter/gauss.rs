//! Gaussian blur of 8-bit samples.
//!
//! A Gaussian is separable: blurring the columns and then the rows is the same as blurring in two
//! dimensions. With `n` taps to each side that takes 4 n products for a sample instead of 4 n².
//! Here a small kernel is summed tap by tap, and a large one by [running sums](super::sums), whose
//! cost does not depend on sigma.
//!
//! Every sum is a sum of integers, so it is exact: a row's bytes do not depend on the band in which
//! it was computed. The sums wrap by name (`wrapping_add`), although none can overflow: a loop with
//! overflow checks is not vectorised.

use std::ops::Range;

use super::row::{BLOCK, pad};
use super::sums::Sums;

/// The largest radius at which one product for each tap is faster than running sums.
const SMALL: usize = 9;

/// A Gaussian kernel, cut off at three sigma.
pub struct Gauss {
    /// The number of pixels on each side of a pixel that count.
    pub reach: usize,
    kernel: Kernel,
}

enum Kernel {
    /// The weights from one end to the middle, in units of 1/256; with those of the other side,
    /// they add up to 256. A weighted sum of bytes then fits in 16 bits.
    Taps(Vec<u16>),
    Sums(Sums),
}

impl Gauss {
    /// Prepares the kernel. `sigma` is the standard deviation in pixels.
    ///
    /// # Panics
    /// If sigma is above 100: a large kernel's sums would not fit in 32 bits.
    pub fn new(sigma: f64) -> Self {
        let radius = (3.0 * sigma).ceil() as i32;
        let values = (-radius..=radius).map(|x| (-0.5 * (f64::from(x) / sigma).powi(2)).exp());
        let sum: f64 = values.clone().sum();
        let values: Vec<f64> = values.map(|value| value / sum).collect();
        let reach = values.len() / 2;
        if reach <= SMALL {
            let kernel = Kernel::Taps(rounded(&values[..reach]));
            return Self { reach, kernel };
        }
        let sums = Sums::new(&values);
        Self {
            reach: sums.reach,
            kernel: Kernel::Sums(sums),
        }
    }

    /// Blurs these rows of a picture into `out`. Beyond the border, the outermost pixels repeat.
    ///
    /// All of the interleaved channels are blurred: 1, 3, or 4 bytes for a pixel.
    ///
    /// # Panics
    /// If `out` is not exactly these rows, or they lie outside the picture.
    pub fn rows(
        &self,
        source: &[u8],
        (width, channels): (usize, usize),
        rows: Range<usize>,
        out: &mut [u8],
    ) {
        let stride = width * channels;
        let last = source.len() / stride - 1;
        assert!(rows.end <= last + 1 && out.len() == rows.len() * stride);
        let row = |y: isize| &source[y.clamp(0, last as isize) as usize * stride..][..stride];
        // The columns first: blurring the rows then needs only the rows of the result.
        match &self.kernel {
            Kernel::Taps(weights) => {
                for (y, out) in rows.zip(out.chunks_exact_mut(stride)) {
                    weighted(
                        weights,
                        |tap| row((y + tap) as isize - self.reach as isize),
                        out,
                    );
                }
                let mut padded = Vec::new();
                for row in out.chunks_exact_mut(stride) {
                    pad(row, channels, self.reach, &mut padded);
                    weighted(weights, |tap| &padded[tap * channels..], row);
                }
            }
            Kernel::Sums(sums) => {
                sums.down(row, rows, out);
                match channels {
                    1 => sums.along::<1>(out, stride),
                    3 => sums.along::<3>(out, stride),
                    _ => sums.along::<4>(out, stride),
                }
            }
        }
    }
}

/// Returns the weights of one side and of the middle, in units of 1/256.
fn rounded(side: &[f64]) -> Vec<u16> {
    // What rounding adds to one weight is taken from the next: their sum is rounded only once.
    let (mut exact, mut sum) = (0.0, 0);
    let mut weights: Vec<u16> = (side.iter())
        .map(|value| {
            exact += value * 256.0;
            let weight = exact.round() as u16 - sum;
            sum += weight;
            weight
        })
        .collect();
    weights.push(256 - 2 * sum);
    weights
}

/// Fills `out` with the weighted sum of `tap(0)`, `tap(1)`, and so on.
fn weighted<'a>(weights: &[u16], tap: impl Fn(usize) -> &'a [u8], out: &mut [u8]) {
    let middle = weights.len() - 1;
    let mut sums = [0; BLOCK];
    for (block, out) in out.chunks_mut(BLOCK).enumerate() {
        let columns = block * BLOCK..block * BLOCK + out.len();
        let sums = &mut sums[..out.len()];
        // One half, so that cutting off the fraction rounds to the nearest.
        sums.fill(128_u16);
        for (i, &weight) in weights[..middle].iter().enumerate() {
            // Both sides have the same weights: one product for two taps.
            let left = &tap(i)[columns.clone()];
            let right = &tap(2 * middle - i)[columns.clone()];
            for ((sum, &left), &right) in sums.iter_mut().zip(left).zip(right) {
                let both = u16::from(left).wrapping_add(u16::from(right));
                *sum = sum.wrapping_add(both.wrapping_mul(weight));
            }
        }
        let (weight, middle) = (weights[middle], &tap(middle)[columns]);
        for ((out, &sum), &value) in out.iter_mut().zip(&*sums).zip(middle) {
            *out = (sum.wrapping_add(u16::from(value).wrapping_mul(weight)) >> 8) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::accuracy::{self, psnr, transposed};
    use super::*;

    const SIGMAS: [f64; 12] = [
        0.1, 0.3, 0.8, 2.0, 3.0, 3.1, 4.0, 5.0, 8.0, 17.3, 50.0, 100.0,
    ];

    fn picture(size: (usize, usize), channels: usize) -> Vec<u8> {
        accuracy::picture(size, channels, 64)
    }

    fn whole(source: &[u8], width: usize, channels: usize, sigma: f64) -> Vec<u8> {
        let mut out = vec![0; source.len()];
        let rows = 0..source.len() / width / channels;
        Gauss::new(sigma).rows(source, (width, channels), rows, &mut out);
        out
    }

    /// Blurs one line of samples by the definition.
    fn exact(line: &[f64], sigma: f64) -> Vec<f64> {
        let radius = (3.0 * sigma).ceil() as isize;
        let at = |x: isize| line[x.clamp(0, line.len() as isize - 1) as usize];
        let weight = |d: isize| (-0.5 * (d as f64 / sigma).powi(2)).exp();
        let sum: f64 = (-radius..=radius).map(weight).sum();
        let value = |x| {
            (-radius..=radius)
                .map(|d| at(x + d) * weight(d))
                .sum::<f64>()
                / sum
        };
        (0..line.len() as isize).map(value).collect()
    }

    #[test]
    fn as_good_as_the_definition() {
        let (width, height) = (150, 110);
        let source = picture((width, height), 1);
        for sigma in SIGMAS {
            let values: Vec<f64> = source.iter().copied().map(f64::from).collect();
            let blur = |values: Vec<f64>, length| -> Vec<f64> {
                values
                    .chunks(length)
                    .flat_map(|line| exact(line, sigma))
                    .collect()
            };
            let rows = blur(values, width);
            let columns = blur(transposed(&rows, width), height);
            let expected = transposed(&columns, height);
            let psnr = psnr(&whole(&source, width, 1, sigma), &expected);
            assert!(psnr >= 51.0, "sigma {sigma}: {psnr:.1} dB");
        }
    }

    #[test]
    fn flat_stays_flat() {
        for sigma in SIGMAS {
            for value in [0, 1, 77, 254, 255] {
                let source = vec![value; 70 * 40];
                assert_eq!(whole(&source, 70, 1, sigma), source, "sigma {sigma}");
            }
        }
    }

    #[test]
    fn how_the_rows_are_cut_makes_no_difference() {
        let (width, height) = (43, 61);
        for (sigma, channels) in SIGMAS.into_iter().flat_map(|s| [1, 3, 4].map(|c| (s, c))) {
            let source = picture((width, height), channels);
            let expected = whole(&source, width, channels, sigma);
            let gauss = Gauss::new(sigma);
            for band in [1, 7, 60] {
                let mut out = vec![0; source.len()];
                for (i, out) in out.chunks_mut(band * width * channels).enumerate() {
                    let rows = i * band..i * band + out.len() / width / channels;
                    // No more of the source than the reach is needed.
                    let first = rows.start.saturating_sub(gauss.reach);
                    let last = (rows.end + gauss.reach).min(height);
                    let needed = &source[first * width * channels..last * width * channels];
                    let rows = rows.start - first..rows.end - first;
                    gauss.rows(needed, (width, channels), rows, out);
                }
                assert!(
                    out == expected,
                    "sigma {sigma}, {channels} channels, {band} rows"
                );
            }
        }
    }

    #[test]
    fn channels_do_not_mix() {
        for channels in [3, 4] {
            let source = picture((37, 29), channels);
            for sigma in [1.0, 6.0] {
                let all = whole(&source, 37, channels, sigma);
                for channel in 0..channels {
                    let only = |all: &[u8]| -> Vec<u8> {
                        all.iter()
                            .skip(channel)
                            .step_by(channels)
                            .copied()
                            .collect()
                    };
                    assert_eq!(only(&all), whole(&only(&source), 37, 1, sigma));
                }
            }
        }
    }

    #[test]
    fn one_pixel_is_its_own_blur() {
        assert_eq!(whole(&[7, 8, 9], 1, 3, 100.0), [7, 8, 9]);
    }
}
