//! The kernel for resizing, and its weights as whole numbers (C. E. Duchon, *Lanczos filtering in
//! one and two dimensions*, 1979).
//!
//! For a smaller picture the kernel is as much wider as the picture is smaller, so that every
//! sample of the source counts.

use std::f64::consts::PI;
use std::ops::Range;

/// The weights with which each sample of a line of the result is made from samples of the source.
pub struct Kernels {
    /// The first sample of the source, for each sample of the result.
    first: Vec<usize>,
    /// The number of weights of each. The last ones may be 0, for samples beyond the line.
    pub taps: usize,
    weights: Vec<i16>,
}

impl Kernels {
    /// Computes the weights with which the first `part` of `from` samples become `to`. The weights
    /// of each add up to `unit`, and their number is a multiple of `group`.
    pub fn new(from: usize, part: f64, to: usize, unit: i32, group: usize) -> Self {
        let ratio = part / to as f64;
        // For a larger picture the kernel is not narrower: each lobe is one sample of the source.
        let scale = ratio.max(1.0);
        let taps = ((6.0 * scale).ceil() as usize).next_multiple_of(group);
        let mut weights = Vec::with_capacity(to * taps);
        let mut values = Vec::with_capacity(taps);
        let first = (0..to).map(|sample| {
            let middle = (sample as f64 + 0.5) * ratio - 0.5;
            let first = (middle - 3.0 * scale + 1.0).max(0.0) as usize;
            let end = ((middle + 3.0 * scale).ceil() as usize).min(from);
            let end = end.min(first + taps);
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

    /// Returns the first sample of the source, and the weights, of these samples.
    pub fn iter(&self, samples: Range<usize>) -> impl Iterator<Item = (usize, &[i16])> + Clone {
        let weights = &self.weights[samples.start * self.taps..samples.end * self.taps];
        let first = self.first[samples].iter().copied();
        first.zip(weights.chunks_exact(self.taps))
    }
}

/// Returns sinc(x) sinc(x / 3) between -3 and 3, and 0 elsewhere.
pub fn lanczos(x: f64) -> f64 {
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
    use super::super::{DOWN, LIFT, ROWS};
    use super::*;

    /// The extreme picture is white where a kernel's weights have one sign, and black elsewhere.
    #[test]
    fn no_vertical_sum_leaves_16_bits() {
        for (from, to) in (1..200)
            .map(|to| (100, to))
            .chain((1..100).map(|to| (20_000, to * to)))
        {
            let kernels = Kernels::new(from, f64::from(from as u32), to, DOWN, ROWS);
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
}
