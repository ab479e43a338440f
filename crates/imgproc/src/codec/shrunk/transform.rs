//! The inverse cosine transform, of the low frequencies alone.
//!
//! A block of 8 x 8 samples is a sum of 64 waves (T.81, A.3.3). A picture of a fraction of the size
//! can't show the faster ones. The others, sampled at fewer points, are again an inverse cosine
//! transform, of 4 x 4 or 2 x 2 coefficients. Or of a single one, which is the block's mean.

/// Where the coefficients of a file's order lie in a block, from low frequencies to high (T.81,
/// figure A.6).
pub const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The most blocks in a strip.
pub const BLOCKS: usize = 32;

/// The row of a strip for the coefficients that are not needed.
pub const DROPPED: usize = 16;

/// The coefficients of blocks beside each other. A row has one coefficient of each block: so the
/// transform does the same to neighbours in memory, as vector instructions need it.
pub type Strip = [[f32; BLOCKS]; DROPPED + 1];

/// The samples of a strip, in rows: for each block as many bytes as it has columns, from the lowest
/// byte of a number on.
pub type Rows = [[u32; BLOCKS]; 4];

/// Where a coefficient goes.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The row of the strip.
    pub row: usize,
    /// What its value is multiplied by.
    pub factor: f32,
}

/// How many samples a block becomes.
pub trait Size {
    /// The samples across, and down.
    const SAMPLES: usize;

    /// The number of coefficients in the file's order up to the last that is needed.
    const NEEDED: usize;

    /// Transforms a block. Its coefficients are in rows.
    fn block(coefficients: [f32; 16]) -> [u32; 4];

    /// Returns the places of all coefficients, from their divisors in the file.
    fn places(quantization: &[u16; 64]) -> [Place; 64] {
        let n = Self::SAMPLES;
        std::array::from_fn(|index| {
            let (row, column) = (
                usize::from(ZIGZAG[index] / 8),
                usize::from(ZIGZAG[index] % 8),
            );
            // A transform of n points has waves of length 1 in n dimensions, not in 8.
            let factor = f32::from(quantization[index]) * n as f32 / 8.0;
            match row < n && column < n {
                true => Place {
                    row: row * n + column,
                    factor,
                },
                false => Place {
                    row: DROPPED,
                    factor: 0.0,
                },
            }
        })
    }

    /// Transforms the first blocks of a strip.
    #[inline(always)]
    fn blocks(strip: &Strip, count: usize, rows: &mut Rows) {
        // Slices of one length: or each access would be checked, and none vectorised.
        let strip: [&[f32]; 16] = std::array::from_fn(|i| &strip[i][..count]);
        let [a, b, c, d] = rows;
        let (a, b, c, d) = (
            &mut a[..count],
            &mut b[..count],
            &mut c[..count],
            &mut d[..count],
        );
        for at in 0..count {
            let rows = Self::block(std::array::from_fn(|i| strip[i][at]));
            (a[at], b[at], c[at], d[at]) = (rows[0], rows[1], rows[2], rows[3]);
        }
    }
}

/// A block becomes a single sample.
pub struct One;

impl Size for One {
    const SAMPLES: usize = 1;
    const NEEDED: usize = 1;

    #[inline(always)]
    fn block(coefficients: [f32; 16]) -> [u32; 4] {
        [sample(coefficients[0]), 0, 0, 0]
    }
}

/// A block becomes 2 x 2 samples.
pub struct Two;

impl Size for Two {
    const SAMPLES: usize = 2;
    const NEEDED: usize = 5;

    #[inline(always)]
    fn block([a, b, c, d, ..]: [f32; 16]) -> [u32; 4] {
        let row = |left, right| sample(left * 0.5) | sample(right * 0.5) << 8;
        let upper = row(a + b + c + d, a - b + c - d);
        let lower = row(a + b - c - d, a - b - c + d);
        [upper, lower, 0, 0]
    }
}

/// A block becomes 4 x 4 samples.
pub struct Four;

impl Size for Four {
    const SAMPLES: usize = 4;
    const NEEDED: usize = 25;

    #[inline(always)]
    fn block(f: [f32; 16]) -> [u32; 4] {
        // The columns first, then the rows.
        let a = four(f[0], f[4], f[8], f[12]);
        let b = four(f[1], f[5], f[9], f[13]);
        let c = four(f[2], f[6], f[10], f[14]);
        let d = four(f[3], f[7], f[11], f[15]);
        let row =
            |[a, b, c, d]: [f32; 4]| sample(a) | sample(b) << 8 | sample(c) << 16 | sample(d) << 24;
        [
            row(four(a[0], b[0], c[0], d[0])),
            row(four(a[1], b[1], c[1], d[1])),
            row(four(a[2], b[2], c[2], d[2])),
            row(four(a[3], b[3], c[3], d[3])),
        ]
    }
}

/// The inverse transform of four coefficients.
#[inline(always)]
fn four(a: f32, b: f32, c: f32, d: f32) -> [f32; 4] {
    // sqrt(1/2) cos(pi/8) and sqrt(1/2) cos(3 pi/8).
    const NEAR: f32 = 0.653_281_5;
    const FAR: f32 = 0.270_598_05;
    let (sum, difference) = ((a + c) * 0.5, (a - c) * 0.5);
    let (outer, inner) = (b * NEAR + d * FAR, b * FAR - d * NEAR);
    [
        sum + outer,
        difference + inner,
        difference - inner,
        sum - outer,
    ]
}

/// Rounds a sample, which is centred around 0 in the file (T.81, A.3.1), to a byte.
#[inline(always)]
fn sample(value: f32) -> u32 {
    let value = value + 128.0;
    // Not `clamp`, which would ask whether this is a number, too.
    let value = if value > 0.0 { value } else { 0.0 };
    let value = if value < 255.0 { value } else { 255.0 };
    // A float of this size has no digits behind the point: its lowest bits are the whole number.
    (value + 8_388_608.0).to_bits() & 255
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the mean of each part of the block, for a block whose waves are all slow enough.
    fn shrunk<S: Size>(waves: &[(usize, usize, f32)]) -> Vec<u8> {
        let places = S::places(&[1; 64]);
        let mut strip = [[0.0; BLOCKS]; DROPPED + 1];
        for (row, column, value) in waves {
            let index = ZIGZAG
                .iter()
                .position(|at| usize::from(*at) == row * 8 + column);
            let index = index.unwrap();
            assert!(index < S::NEEDED);
            strip[places[index].row][3] = value * places[index].factor;
        }
        let mut rows = [[0; BLOCKS]; 4];
        S::blocks(&strip, 5, &mut rows);
        let bytes = rows[..S::SAMPLES].iter().map(|row| row[3].to_le_bytes());
        bytes
            .flat_map(|bytes| bytes[..S::SAMPLES].to_vec())
            .collect()
    }

    /// The sample at a point of the block between 0 and 8, by the definition (T.81, A.3.3).
    fn exact(waves: &[(usize, usize, f32)], x: f32, y: f32) -> f32 {
        let wave = |at: f32, frequency: usize| {
            let scale = if frequency == 0 { 0.5_f32.sqrt() } else { 1.0 };
            scale * (at * frequency as f32 * std::f32::consts::PI / 8.0).cos()
        };
        let of =
            |(row, column, value): &(usize, usize, f32)| value * wave(x, *column) * wave(y, *row);
        128.0 + waves.iter().map(of).sum::<f32>() / 4.0
    }

    #[test]
    fn a_smaller_block_is_the_block_seen_at_fewer_points() {
        let slow = [(0, 0, 80.0), (0, 1, 90.0), (1, 0, -70.0), (1, 1, 60.0)];
        let faster = [(2, 1, 40.0), (3, 3, -50.0), (0, 2, 30.0), (3, 0, 20.0)];
        let all = [&slow[..], &faster].concat();
        for (n, waves, samples) in [
            (1, &slow[..1], shrunk::<One>(&slow[..1])),
            (2, &slow[..], shrunk::<Two>(&slow)),
            (4, &all[..], shrunk::<Four>(&all)),
        ] {
            for (at, is) in samples.iter().enumerate() {
                let middle = |at: usize| (at as f32 + 0.5) * 8.0 / n as f32;
                let expected = exact(waves, middle(at % n), middle(at / n));
                assert!(
                    (f32::from(*is) - expected).abs() <= 0.51,
                    "{n}, {at}: {is}, {expected}"
                );
            }
        }
    }

    #[test]
    fn samples_are_rounded_and_end_at_0_and_255() {
        let samples = [-128.6, -128.4, -1.4, -0.4, 0.6, 126.9, 500.0].map(sample);
        assert_eq!(samples, [0, 0, 127, 128, 129, 255, 255]);
    }
}
