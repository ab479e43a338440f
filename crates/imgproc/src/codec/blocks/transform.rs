//! The inverse cosine transform, of all frequencies or of the low ones alone.
//!
//! A block of 8 x 8 samples is a sum of 64 waves (T.81, A.3.3). A picture of a fraction of the size
//! can't show the faster ones. The others, sampled at fewer points, are again an inverse cosine
//! transform, of 4 x 4 or 2 x 2 coefficients. Or of a single one, which is the block's mean.

/// Where the coefficients of a file's order lie in a block, from low frequencies to high (T.81,
/// figure A.6).
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The most blocks in a strip.
pub const BLOCKS: usize = 32;

/// The row of a strip for the coefficients that are not needed.
pub const DROPPED: usize = 64;

/// The coefficients of blocks beside each other. A row has one coefficient of each block: so the
/// transform does the same to neighbours in memory, as vector instructions need it.
pub type Strip = [[f32; BLOCKS]; DROPPED + 1];

/// The samples of a strip: for each row [as many words](Size::WORDS) as its samples fill, each word
/// for all blocks. The first sample is the lowest byte of a word.
pub type Rows = [[u32; BLOCKS]; 16];

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

    /// The words for the samples of a row.
    const WORDS: usize = Self::SAMPLES.div_ceil(4);

    /// What a coefficient is multiplied by before the transform, besides its divisor.
    fn factor(_row: usize, _column: usize) -> f32 {
        // A transform of n points has waves of length 1 in n dimensions, not in 8.
        Self::SAMPLES as f32 / 8.0
    }

    /// Transforms all blocks of a strip. Of the coefficients in the file's order, those behind
    /// `last` are 0 in all of them.
    fn blocks(strip: &mut Strip, last: usize, rows: &mut Rows);

    /// Returns the places of all coefficients, from their divisors in the file.
    fn places(quantization: &[u16; 64]) -> [Place; 64] {
        let n = Self::SAMPLES;
        std::array::from_fn(|index| {
            let (row, column) = (
                usize::from(ZIGZAG[index] / 8),
                usize::from(ZIGZAG[index] % 8),
            );
            match row < n && column < n {
                true => Place {
                    row: row * n + column,
                    factor: f32::from(quantization[index]) * Self::factor(row, column),
                },
                false => Place {
                    row: DROPPED,
                    factor: 0.0,
                },
            }
        })
    }
}

/// Transforms all blocks of a strip, each by itself: its coefficients, and then its samples, are in
/// rows.
#[inline(always)]
fn each(strip: &Strip, rows: &mut Rows, block: impl Fn([f32; 16]) -> [u32; 4]) {
    let [a, b, c, d, ..] = rows;
    for at in 0..BLOCKS {
        let samples = block(std::array::from_fn(|i| strip[i][at]));
        (a[at], b[at], c[at], d[at]) = (samples[0], samples[1], samples[2], samples[3]);
    }
}

/// A block becomes a single sample.
pub struct One;

impl Size for One {
    const SAMPLES: usize = 1;
    const NEEDED: usize = 1;

    fn blocks(strip: &mut Strip, _last: usize, rows: &mut Rows) {
        for (out, mean) in rows[0].iter_mut().zip(&strip[0]) {
            *out = sample(*mean);
        }
    }
}

/// A block becomes 2 x 2 samples.
pub struct Two;

impl Size for Two {
    const SAMPLES: usize = 2;
    const NEEDED: usize = 5;

    fn blocks(strip: &mut Strip, _last: usize, rows: &mut Rows) {
        let row = |left, right| sample(left * 0.5) | sample(right * 0.5) << 8;
        each(strip, rows, |[a, b, c, d, ..]| {
            let upper = row(a + b + c + d, a - b + c - d);
            let lower = row(a + b - c - d, a - b - c + d);
            [upper, lower, 0, 0]
        });
    }
}

/// A block becomes 4 x 4 samples.
pub struct Four;

impl Size for Four {
    const SAMPLES: usize = 4;
    const NEEDED: usize = 25;

    fn blocks(strip: &mut Strip, _last: usize, rows: &mut Rows) {
        each(strip, rows, |f| {
            // The columns first, then the rows.
            let a = four(f[0], f[4], f[8], f[12]);
            let b = four(f[1], f[5], f[9], f[13]);
            let c = four(f[2], f[6], f[10], f[14]);
            let d = four(f[3], f[7], f[11], f[15]);
            std::array::from_fn(|y| word(four(a[y], b[y], c[y], d[y])))
        });
    }
}

/// A block becomes its 8 x 8 samples.
pub struct Eight;

impl Size for Eight {
    const SAMPLES: usize = 8;
    const NEEDED: usize = 64;

    fn factor(row: usize, column: usize) -> f32 {
        let scale = |at: usize| match at {
            0 => 1.0,
            _ => std::f32::consts::SQRT_2 * (at as f32 * std::f32::consts::PI / 16.0).cos(),
        };
        scale(row) * scale(column) / 8.0
    }

    fn blocks(strip: &mut Strip, last: usize, rows: &mut Rows) {
        // Smooth blocks have low frequencies alone, and there are many. The file's order begins
        // with them: the first 10 coefficients are in 4 rows and columns.
        match last {
            0 => {
                let means = strip[0].map(|mean| sample(mean) * 0x0101_0101);
                rows.fill(means);
            }
            1..10 => eights::<4>(strip, rows),
            _ => eights::<8>(strip, rows),
        }
    }
}

/// Transforms blocks that have coefficients in the first rows and columns alone.
#[expect(
    clippy::needless_range_loop,
    reason = "a block is a column of many rows"
)]
fn eights<const USED: usize>(strip: &mut Strip, rows: &mut Rows) {
    // The columns first, in their place, then the rows.
    for column in 0..USED {
        for at in 0..BLOCKS {
            let known = |row: usize| match row < USED {
                true => strip[8 * row + column][at],
                false => 0.0,
            };
            let samples = eight(std::array::from_fn(known));
            for (row, sample) in samples.into_iter().enumerate() {
                strip[8 * row + column][at] = sample;
            }
        }
    }
    for (row, words) in strip.as_chunks::<8>().0.iter().zip(rows.as_chunks_mut().0) {
        let [left, right] = words;
        for at in 0..BLOCKS {
            let known = |column: usize| match column < USED {
                true => row[column][at],
                false => 0.0,
            };
            let [a, b, c, d, e, f, g, h] = eight(std::array::from_fn(known));
            left[at] = word([a, b, c, d]);
            right[at] = word([e, f, g, h]);
        }
    }
}

/// The inverse transform of eight coefficients, each multiplied by its
/// [factor](Size::factor) (Y. Arai, T. Agui, M. Nakajima, *A fast DCT-SQ scheme for images*, 1988).
#[inline(always)]
fn eight(f: [f32; 8]) -> [f32; 8] {
    use std::f32::consts::SQRT_2;
    // 2 cos(pi/8), and its sum and difference with 2 sin(pi/8).
    const TWICE: f32 = 1.847_759_1;
    const LESS: f32 = 1.082_392_2;
    const MORE: f32 = 2.613_126;
    // The even frequencies give what is the same in both halves of the block.
    let (sum, difference) = (f[0] + f[4], f[0] - f[4]);
    let outer = f[2] + f[6];
    let inner = (f[2] - f[6]) * SQRT_2 - outer;
    let even = [
        sum + outer,
        difference + inner,
        difference - inner,
        sum - outer,
    ];
    // The odd ones give what has another sign in the other half.
    let (near, near_off) = (f[5] + f[3], f[5] - f[3]);
    let (far, far_off) = (f[1] + f[7], f[1] - f[7]);
    let shared = (near_off + far_off) * TWICE;
    let first = far + near;
    let second = shared - near_off * MORE - first;
    let third = (far - near) * SQRT_2 - second;
    let fourth = shared - far_off * LESS - third;
    [
        even[0] + first,
        even[1] + second,
        even[2] + third,
        even[3] + fourth,
        even[3] - fourth,
        even[2] - third,
        even[1] - second,
        even[0] - first,
    ]
}

/// Rounds four samples, and puts them into a word.
#[inline(always)]
fn word([a, b, c, d]: [f32; 4]) -> u32 {
    sample(a) | sample(b) << 8 | sample(c) << 16 | sample(d) << 24
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
        let mut last = 0;
        for (row, column, value) in waves {
            let index = ZIGZAG
                .iter()
                .position(|at| usize::from(*at) == row * 8 + column);
            let index = index.unwrap();
            assert!(index < S::NEEDED);
            strip[places[index].row][3] = value * places[index].factor;
            last = last.max(index);
        }
        let mut rows = [[0; BLOCKS]; 16];
        S::blocks(&mut strip, last, &mut rows);
        let words = rows[..S::SAMPLES * S::WORDS].iter();
        let bytes = words.map(|word| word[3].to_le_bytes());
        let used = S::SAMPLES.min(4);
        bytes.flat_map(|bytes| bytes[..used].to_vec()).collect()
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
        let fastest = [(7, 7, 30.0), (0, 5, -40.0), (6, 1, 25.0), (4, 7, 35.0)];
        let fastest = [&all[..], &fastest].concat();
        for (n, waves, samples) in [
            (1, &slow[..1], shrunk::<One>(&slow[..1])),
            (2, &slow[..], shrunk::<Two>(&slow)),
            (4, &all[..], shrunk::<Four>(&all)),
            (8, &slow[..1], shrunk::<Eight>(&slow[..1])),
            (8, &slow[..], shrunk::<Eight>(&slow)),
            (8, &all[..], shrunk::<Eight>(&all)),
            (8, &fastest[..], shrunk::<Eight>(&fastest)),
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
