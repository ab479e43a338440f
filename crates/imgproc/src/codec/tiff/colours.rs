//! What the samples of a TIFF mean.

use anyhow::{Result, bail};

use super::refusal;
use crate::codec::ifd::{Directory, Structure};

/// What the samples of a pixel mean, but for alpha.
#[derive(Debug, Clone, PartialEq)]
pub enum Colours {
    Grey {
        white_is_zero: bool,
    },
    Rgb,
    Cmyk,
    /// Red, green and blue of each index.
    Palette(Vec<[u8; 3]>),
    YCbCr(YCbCr),
    /// Lightness, and two colour channels that are signed, or begin at -128.
    Lab {
        signed: bool,
    },
}

/// How luma and two colour channels become RGB.
#[derive(Debug, Clone, PartialEq)]
pub struct YCbCr {
    /// How many pixels share a colour, across and down.
    pub shared: (usize, usize),
    /// The shares of red, green and blue in luma.
    pub luma: [f64; 3],
    /// The values that stand for black and white, for each of the three channels.
    pub reference: [f64; 6],
}

impl Colours {
    /// Reads what the samples of a page mean.
    ///
    /// # Errors
    /// If that is damaged, or not supported.
    pub fn read(
        structure: &Structure<'_>,
        page: &Directory,
        bits: usize,
        compression: u64,
    ) -> Result<Self> {
        let numbers = |tag| page.find(tag).map(|field| structure.numbers(field));
        let first = |tag| numbers(tag).and_then(|numbers| numbers.first().copied());
        Ok(match first(262) {
            Some(kind @ (0 | 1)) => Self::Grey {
                white_is_zero: kind == 0,
            },
            // Scanners leave it out for black and white: as in a fax, white is 0.
            None => Self::Grey {
                white_is_zero: matches!(compression, 2..=4),
            },
            Some(2) => Self::Rgb,
            Some(3) if bits <= 8 => {
                let map = numbers(320).unwrap_or_default();
                let count = 1 << bits;
                if map.len() < 3 * count {
                    bail!("a damaged TIFF: its palette is too short");
                }
                // 16 bits each, but some programs write 8.
                let shift = if map.iter().any(|value| *value > 255) {
                    8
                } else {
                    0
                };
                let of = |index: usize, channel| (map[index + channel * count] >> shift) as u8;
                let palette = (0..count).map(|index| [0, 1, 2].map(|channel| of(index, channel)));
                Self::Palette(palette.collect())
            }
            Some(3) => bail!(refusal("a palette of more than 256 colours")),
            Some(5) if first(332).unwrap_or(1) == 1 => Self::Cmyk,
            Some(5) => bail!(refusal("inks other than cyan, magenta, yellow and black")),
            Some(6) if bits == 8 => {
                let fractions = |tag| page.find(tag).map(|field| structure.fractions(field));
                let shared = numbers(530).unwrap_or_else(|| vec![2, 2]);
                let luma = fractions(529).unwrap_or_default().try_into();
                let reference = fractions(532).unwrap_or_default().try_into();
                let [across, down] = shared[..] else {
                    bail!("a damaged TIFF: nobody can say which pixels share a colour");
                };
                let luma = luma.unwrap_or([0.299, 0.587, 0.114]);
                let reference = reference.unwrap_or([0.0, 255.0, 128.0, 255.0, 128.0, 255.0]);
                let sum: f64 = luma.iter().sum();
                let weights = luma.iter().all(|share| *share > 0.0) && (sum - 1.0).abs() < 0.05;
                if !weights || reference.chunks(2).any(|pair| pair[0] >= pair[1]) {
                    bail!("a damaged TIFF: what it says of its colours makes no sense");
                }
                Self::YCbCr(YCbCr {
                    shared: (across as usize, down as usize),
                    luma,
                    reference,
                })
            }
            Some(6) => bail!(refusal("luma and chroma of more than 8 bits")),
            Some(4) => bail!(refusal("a mask in the place of a picture")),
            Some(kind @ (8 | 9)) if matches!(bits, 8 | 16) => Self::Lab { signed: kind == 8 },
            Some(8..=10) => bail!(refusal("a rare form of L*a*b*")),
            Some(32_803 | 34_892) => bail!(refusal("a camera's raw data")),
            Some(_) => bail!(refusal("colours of an unknown kind")),
        })
    }

    /// The samples of a pixel, without alpha.
    pub fn channels(&self) -> usize {
        match self {
            Self::Grey { .. } | Self::Palette(_) => 1,
            Self::Rgb | Self::YCbCr(_) | Self::Lab { .. } => 3,
            Self::Cmyk => 4,
        }
    }
}
