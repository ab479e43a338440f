//! Samples of any number of bits, as bytes.

use std::borrow::Cow;

use super::colours::Colours;
use super::layout::{Kind, Layout};

/// A number of so many bits that samples are read as.
pub trait Depth: Copy + Default + 'static {
    /// The highest number.
    const MOST: u64;

    /// Converts a number, which is at most the highest.
    fn of(value: u64) -> Self;

    /// Rounds `value / most`, where the highest number stands for 1.
    fn share(value: u64, most: u64) -> Self {
        Self::of((value * Self::MOST + most / 2) / most)
    }
}

impl Depth for u8 {
    const MOST: u64 = 255;

    fn of(value: u64) -> Self {
        value as Self
    }
}

impl Depth for u16 {
    const MOST: u64 = 65_535;

    fn of(value: u64) -> Self {
        value as Self
    }
}

/// Returns the samples of a row, a byte each, as [`scaled`].
pub fn to_bytes<'a>(layout: &Layout, row: &'a [u8], clipped: &mut bool) -> Cow<'a, [u8]> {
    match (layout.kind, layout.bits) {
        // What was a JPEG has 8 bits, too.
        (Kind::Whole, 8) => Cow::Borrowed(row),
        _ => Cow::Owned(scaled(layout, row, clipped)),
    }
}

/// Returns the samples of a row: 0 is the least, and `T`'s highest number the most that the
/// sample's bits can hold. Floating-point samples reach from 0 to 1; `clipped` is set where one
/// does not, or where one is negative. Indices into a palette and L*a*b* stay what they are.
pub fn scaled<T: Depth>(layout: &Layout, row: &[u8], clipped: &mut bool) -> Vec<T> {
    let scaled = !matches!(layout.colours, Colours::Palette(_));
    let ordered = |bytes: &[u8]| {
        let push = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        match layout.big_endian {
            true => bytes.iter().fold(0, push),
            false => bytes.iter().rev().fold(0, push),
        }
    };
    match (layout.kind, layout.bits) {
        (Kind::Whole, 16) if matches!(layout.colours, Colours::Lab { .. }) => {
            let samples = row.chunks_exact(2);
            samples.map(|bytes| T::of(ordered(bytes) >> 8)).collect()
        }
        (Kind::Signed, bits) => {
            let (most, unused) = ((1_u64 << (bits - 1)) - 1, 64 - bits);
            let samples = row.chunks_exact(bits / 8).map(|bytes| {
                let value = (ordered(bytes) << unused) as i64 >> unused;
                *clipped |= value < 0;
                T::share(value.max(0) as u64, most)
            });
            samples.collect()
        }
        (Kind::Whole, 16 | 32) => {
            let most = (1_u64 << layout.bits) - 1;
            let samples = row.chunks_exact(layout.bits / 8);
            samples
                .map(|bytes| T::share(ordered(bytes), most))
                .collect()
        }
        (Kind::Whole, bits) => {
            let most = (1_u64 << bits) - 1;
            let sample = |at| packed(row, at * bits, bits);
            let samples = (0..8 * row.len() / bits).map(sample);
            match scaled {
                true => samples.map(|value| T::share(value, most)).collect(),
                false => samples.map(T::of).collect(),
            }
        }
        (Kind::Float, bits) => {
            let value = |bytes: &[u8]| match bits {
                32 => f64::from(f32::from_bits(ordered(bytes) as u32)),
                _ => f64::from_bits(ordered(bytes)),
            };
            let mut byte = |value: f64| {
                *clipped |= !(0.0..=1.0).contains(&value);
                T::of((value.clamp(0.0, 1.0) * T::MOST as f64).round() as u64)
            };
            let samples = row.chunks_exact(bits / 8);
            samples.map(|bytes| byte(value(bytes))).collect()
        }
    }
}

/// Reads so many bits, 16 at most, from the highest bit of a byte to the lowest.
fn packed(row: &[u8], at: usize, bits: usize) -> u64 {
    let bytes = (at / 8..at / 8 + 3).map(|index| row.get(index).copied().unwrap_or_default());
    let three = bytes.fold(0, |sum, byte| sum << 8 | u64::from(byte));
    three >> (24 - at % 8 - bits) & ((1 << bits) - 1)
}
