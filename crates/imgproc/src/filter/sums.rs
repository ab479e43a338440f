//! A large Gaussian kernel by running sums: each sample costs the same, whatever sigma is.
//!
//! - Three box filters in a row come close to a Gaussian (W. M. Wells, *Efficient synthesis of
//!   Gaussian filters by cascaded uniform filters*, 1986).
//! - A box is a running sum of differences: one sample enters, another one leaves. All differences
//!   can be taken first, from the source, and all three sums afterwards. Then one sweep is enough,
//!   and it remembers nothing but three sums (E. B. Hogenauer, *An economical class of digital
//!   filters for decimation and interpolation*, 1981).
//! - The width of a box is a whole number, so three equal boxes reach few values of sigma. They
//!   are also a little too flat. A mixture of a narrow and a wide cascade can have both the
//!   variance and the fourth moment of the Gaussian, and the two cascades share the three sums.

use std::ops::Range;

use super::row::{BLOCK, pad};

/// A mixture of two cascades of three boxes each.
pub struct Sums {
    /// The number of pixels on each side of a pixel that count.
    pub reach: usize,
    cascades: [Cascade; 2],
    /// The last sum where all samples are 1.
    total: u32,
}

/// Three boxes of the same width.
#[derive(Clone, Copy)]
struct Cascade {
    /// How often the cascade is in the mixture.
    weight: i16,
    /// Where the samples of the third difference are, relative to the result's sample.
    offsets: [isize; 4],
}

impl Sums {
    /// Finds the mixture that comes closest to the kernel.
    pub fn new(kernel: &[f64]) -> Self {
        let middle = (kernel.len() / 2) as f64;
        let moment = |power| -> f64 {
            let values = kernel.iter().enumerate();
            values
                .map(|(x, value)| value * (x as f64 - middle).powi(power))
                .sum()
        };
        let wanted = Moments {
            variance: moment(2),
            fourth: moment(4),
        };
        let deviation = wanted.variance.sqrt();
        let mut best = (f64::INFINITY, [(0, 0); 2]);
        for narrow in odd_widths(deviation, 2.0 * deviation) {
            for wide in odd_widths(2.0 * deviation, 3.0 * deviation) {
                // A difference fits in 16 bits as long as there are no more than 32 cascades.
                for count in 2..=32 {
                    let weights = wanted.mixture(count, narrow, wide);
                    if let Some(error) = wanted.error(weights, [narrow, wide])
                        && error < best.0
                    {
                        best = (error, [(weights[0], narrow), (weights[1], wide)]);
                    }
                }
            }
        }
        let [_, (_, widest)] = best.1;
        assert!(
            widest > 0,
            "a kernel of {} pixels is too large",
            kernel.len()
        );
        let reach = |width: usize| 3 * (width as isize - 1) / 2;
        Self {
            reach: reach(widest) as usize,
            cascades: best.1.map(|(weight, width)| Cascade {
                weight: weight as i16,
                offsets: [0, 1, 2, 3].map(|i| reach(width) - i * width as isize),
            }),
            total: best
                .1
                .iter()
                .map(|(weight, width)| weight * width.pow(3) as u32)
                .sum(),
        }
    }

    /// Blurs the columns of these rows of a picture; `row` gives each of its rows.
    pub fn down<'a>(&self, row: impl Fn(isize) -> &'a [u8], rows: Range<usize>, out: &mut [u8]) {
        let stride = out.len() / rows.len().max(1);
        let reach = self.reach as isize;
        let rows = rows.start as isize..rows.end as isize;
        // The sweep begins as if every row above the first that counts were like that one.
        // This makes no difference any more when the sweep arrives at the result's first row.
        let first = rows.start - reach;
        for left in (0..stride).step_by(BLOCK) {
            let columns = left..(left + BLOCK).min(stride);
            let mut steps = vec![0; columns.len()];
            let level = |&value: &u8| u32::from(value).wrapping_mul(self.total);
            let mut third: Vec<u32> = row(first)[columns.clone()].iter().map(level).collect();
            let (mut one, mut two) = (vec![0_u32; columns.len()], vec![0_u32; columns.len()]);
            for y in first - reach + 1..rows.end {
                let tap = |offset: isize| &row((y + offset).max(first))[columns.clone()];
                self.differences(tap, &mut steps);
                for (((step, one), two), third) in
                    steps.iter().zip(&mut one).zip(&mut two).zip(&mut third)
                {
                    *one = one.wrapping_add(i32::from(*step) as u32);
                    *two = two.wrapping_add(*one);
                    *third = third.wrapping_add(*two);
                }
                if y >= rows.start {
                    let at = (y - rows.start) as usize * stride;
                    self.values(&third, &mut out[at..][columns.clone()]);
                }
            }
        }
    }

    /// Blurs along each row of `pixels`, which has so many bytes in a row.
    pub fn along<const CHANNELS: usize>(&self, pixels: &mut [u8], stride: usize) {
        // As in `down`, where the first that counts is the row's first pixel.
        let lead = self.reach * CHANNELS;
        let margin = 2 * self.reach + 3;
        let mut padded = Vec::new();
        let mut steps = vec![0; lead + stride];
        let mut sums = vec![0; lead + stride];
        for row in pixels.chunks_exact_mut(stride) {
            pad(row, CHANNELS, margin, &mut padded);
            let start = (margin - self.reach) as isize;
            let tap = |offset: isize| &padded[(start + offset) as usize * CHANNELS..];
            self.differences(tap, &mut steps);
            let (mut one, mut two) = ([0_u32; CHANNELS], [0_u32; CHANNELS]);
            let mut third: [u32; CHANNELS] =
                std::array::from_fn(|channel| u32::from(row[channel]).wrapping_mul(self.total));
            let steps = steps.as_chunks::<CHANNELS>().0;
            for (sum, step) in sums.as_chunks_mut::<CHANNELS>().0.iter_mut().zip(steps) {
                for channel in 0..CHANNELS {
                    one[channel] = one[channel].wrapping_add(i32::from(step[channel]) as u32);
                    two[channel] = two[channel].wrapping_add(one[channel]);
                    third[channel] = third[channel].wrapping_add(two[channel]);
                }
                *sum = third;
            }
            self.values(&sums[lead..], row);
        }
    }

    /// Computes the third differences of both cascades together. `tap` gives the samples at an
    /// offset.
    fn differences<'a>(&self, tap: impl Fn(isize) -> &'a [u8], steps: &mut [i16]) {
        // All of one length, or each access would be checked.
        let len = steps.len();
        let taps = |cascade: Cascade| cascade.offsets.map(|offset| &tap(offset)[..len]);
        let [[a, b, c, d], [e, f, g, h]] = self.cascades.map(taps);
        let [narrow, wide] = self.cascades.map(|cascade| cascade.weight);
        for (i, step) in steps.iter_mut().enumerate() {
            *step = narrow
                .wrapping_mul(third_difference(a[i], b[i], c[i], d[i]))
                .wrapping_add(wide.wrapping_mul(third_difference(e[i], f[i], g[i], h[i])));
        }
    }

    /// Computes the values whose sums these are.
    fn values(&self, sums: &[u32], out: &mut [u8]) {
        // Half of each sum, since vectors convert only numbers with a sign to floating point.
        let scale = 2.0 / self.total as f32;
        for (out, &sum) in out.iter_mut().zip(sums) {
            // From 2^23 on there are no fractions: adding it rounds, and leaves the value in the
            // lowest byte.
            *out = ((sum >> 1) as i32 as f32 * scale + 8_388_608.0).to_bits() as u8;
        }
    }
}

/// Its caller is generic, and so in another code generation unit: without `inline`, each sample
/// would cost a call.
#[inline]
fn third_difference(a: u8, b: u8, c: u8, d: u8) -> i16 {
    let difference = |a: u8, b: u8| i16::from(a).wrapping_sub(i16::from(b));
    let (outer, inner) = (difference(a, d), difference(c, b));
    outer.wrapping_add(inner.wrapping_mul(3))
}

/// Returns about two dozen odd widths: the middle of a box with an even width is on no pixel.
fn odd_widths(from: f64, to: f64) -> impl Iterator<Item = usize> {
    let step = ((to - from) / 24.0).ceil() as usize * 2;
    (from as usize | 1..=to as usize).step_by(step)
}

/// The moments that tell two kernels of the same sum apart.
struct Moments {
    variance: f64,
    fourth: f64,
}

impl Moments {
    /// Returns the moments of three boxes of this width.
    fn of(width: usize) -> Self {
        let width = width as f64;
        let variance = (width.powi(2) - 1.0) / 4.0;
        Self {
            variance,
            fourth: 3.0 * variance.powi(2) - (width.powi(4) - 1.0) / 40.0,
        }
    }

    /// Returns how many narrow and wide cascades out of `count` have this variance.
    fn mixture(&self, count: u32, narrow: usize, wide: usize) -> [u32; 2] {
        let [m, n] = [narrow, wide].map(|width| Self::of(width).variance);
        // A wide cascade weighs more.
        let heavier = (wide as f64 / narrow as f64).powi(3);
        let ratio = (self.variance - m) / (n - self.variance) / heavier;
        let wides = (f64::from(count) * ratio / (1.0 + ratio)).round() as u32;
        let wides = wides.clamp(1, count - 1);
        [count - wides, wides]
    }

    /// Returns how far a mixture is from these moments. `None` if its sums would not fit in 32
    /// bits.
    fn error(&self, weights: [u32; 2], widths: [usize; 2]) -> Option<f64> {
        let [a, b] = [0, 1].map(|i| f64::from(weights[i]) * (widths[i] as f64).powi(3));
        if a + b >= f64::from(1 << 24) {
            return None;
        }
        let [m, n] = widths.map(Self::of);
        let off = |m: f64, n: f64, wanted: f64| ((a * m + b * n) / (a + b) / wanted - 1.0).abs();
        Some(
            3.0 * off(m.variance, n.variance, self.variance) + off(m.fourth, n.fourth, self.fourth),
        )
    }
}
