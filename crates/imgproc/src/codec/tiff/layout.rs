//! How the pixels of a TIFF's page lie in the file.

use anyhow::{Result, bail};

use super::colours::{Colours, YCbCr};
use super::fax::Fax;
use super::old_jpeg::{JPEG, Pieces};
use super::{Chunk, refusal};
use crate::codec::ifd::{Directory, Structure};

/// The old form of JPEG compression (TIFF 6.0, section 22).
const OLD_JPEG: u64 = 6;

/// A compression that GDAL and others added.
pub const ZSTANDARD: u64 = 50_000;

/// How a sample's bits are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Whole,
    /// Whole numbers of which one half is negative.
    Signed,
    Float,
}

/// What is known of a page before its pixels are read.
#[derive(Debug)]
pub struct Layout {
    pub width: usize,
    pub height: usize,
    pub bits: usize,
    /// The samples of a pixel, those that are not used included.
    pub samples: usize,
    pub kind: Kind,
    pub colours: Colours,
    /// Whether the sample behind the colours is alpha, and whether colours are multiplied by it.
    pub alpha: Option<bool>,
    /// Whether each channel is stored by itself.
    pub planar: bool,
    pub compression: u64,
    pub predictor: u64,
    fax_options: u64,
    /// Whether the first of eight pixels is in the lowest bit of a byte.
    pub reversed: bool,
    pub big_endian: bool,
    /// What all strips or tiles of a JPEG-compressed page have in common.
    pub jpeg_tables: Vec<u8>,
    /// Whether the page has the old form of JPEG compression.
    pub old_jpeg: bool,
    /// What the pieces of such a page have in common, unless it is a whole JPEG.
    pub pieces: Option<Pieces>,
    tiled: bool,
    /// The size of a strip or a tile.
    chunk: (usize, usize),
    offsets: Vec<u64>,
    lengths: Vec<u64>,
}

impl Layout {
    /// Reads the fields of a page.
    ///
    /// # Errors
    /// If one is damaged, or stands for something that is not supported.
    pub fn read(structure: &Structure<'_>, page: &Directory) -> Result<Self> {
        let numbers = |tag| page.find(tag).map(|field| structure.numbers(field));
        let number = |tag, default| {
            let first = numbers(tag).and_then(|numbers| numbers.first().copied());
            first.unwrap_or(default)
        };
        // No limit allows more, and two such numbers can be multiplied.
        let side = |tag| number(tag, 0).min(u32::MAX.into()) as usize;
        let (width, height) = (side(256), side(257));
        let mut compression = number(259, 1);
        // Programs that wrote the old form of JPEG compression left it out.
        let samples = number(277, if compression == OLD_JPEG { 3 } else { 1 }) as usize;
        let bits = numbers(258).unwrap_or_else(|| vec![1]);
        // Some programs list more than there are.
        if bits.iter().take(samples).any(|one| one != &bits[0]) {
            bail!(refusal("channels of different depths"));
        }
        let bits = bits.first().map_or(1, |bits| *bits as usize);
        let kind = match numbers(339).and_then(|kinds| kinds.first().copied()) {
            None | Some(1 | 4) => Kind::Whole,
            Some(3) => Kind::Float,
            // Of L*a*b* it is known, whether or not it is said.
            Some(2) if matches!(number(262, 0), 8 | 9) => Kind::Whole,
            Some(2) => Kind::Signed,
            Some(_) => bail!(refusal("complex numbers")),
        };
        match (kind, bits) {
            (Kind::Whole, 1..=16 | 32) | (Kind::Signed, 8 | 16 | 32) | (Kind::Float, 32 | 64) => {}
            (Kind::Float, _) => bail!(refusal(&format!("floating-point numbers of {bits} bits"))),
            _ => bail!(refusal(&format!("{bits} bits a channel"))),
        }
        check_compression(compression)?;
        let colours = Colours::read(structure, page, bits, compression)?;
        let used = colours.channels();
        if samples < used || samples > 64 {
            bail!("a damaged TIFF: a pixel can't have {samples} samples");
        }
        // 0: nobody knows what it is; 1: alpha that the colours are multiplied by; 2: plain alpha,
        // also where it is not said.
        let extra = numbers(338).map_or(Some(2), |extra| extra.first().copied());
        let alpha = extra.filter(|_| samples > used);
        let alpha = alpha
            .filter(|kind| matches!(kind, 1 | 2))
            .map(|kind| kind == 1);
        let tiled = page.find(322).is_some();
        let mut chunk = match tiled {
            true => (number(322, 0) as usize, number(323, 0) as usize),
            false => (width, (number(278, u64::MAX)).min(height as u64) as usize),
        };
        // Old programs write the tags of strips for tiles, too.
        let chunks = |tile, strip| {
            let numbers = numbers(tile).filter(|_| tiled).or_else(|| numbers(strip));
            numbers.unwrap_or_default()
        };
        let (mut offsets, mut lengths) = (chunks(324, 273), chunks(325, 279));
        let old_jpeg = compression == OLD_JPEG;
        let mut pieces = None;
        if old_jpeg {
            compression = 7;
            let at = number(JPEG, 0);
            let begins = |at: u64, with: &[u8]| {
                let bytes = structure.bytes.get(at as usize..);
                bytes.is_some_and(|bytes| bytes.starts_with(with))
            };
            let scan = offsets.first().is_some_and(|at| begins(*at, &[0xff, 0xda]));
            if offsets.len() <= 1 && !scan && begins(at, &[0xff, 0xd8]) {
                (chunk, offsets, lengths) = ((width, height), vec![at], Vec::new());
            } else {
                let shared = match &colours {
                    Colours::YCbCr(ycbcr) => ycbcr.shared,
                    _ => (1, 1),
                };
                let piece = offsets.first().map_or(usize::MAX, |at| *at as usize);
                pieces = Some(Pieces::read(structure, page, samples, shared, piece)?);
            }
        }
        let tables = page.find(347).map(|field| structure.value(field).to_vec());
        let layout = Self {
            width,
            height,
            bits,
            samples,
            kind,
            colours,
            alpha,
            planar: samples > 1 && number(284, 1) == 2,
            compression,
            // It belongs to these compressions (TIFF 6.0, section 14), and others ignore it.
            predictor: match compression {
                5 | 8 | 32_946 | ZSTANDARD => number(317, 1),
                _ => 1,
            },
            fax_options: number(292, 0),
            reversed: number(266, 1) == 2,
            big_endian: structure.big_endian,
            jpeg_tables: tables.unwrap_or_default(),
            old_jpeg,
            pieces,
            tiled: tiled && chunk != (width, height),
            chunk,
            offsets,
            lengths,
        };
        layout.check()?;
        Ok(layout)
    }

    fn check(&self) -> Result<()> {
        match (self.predictor, self.kind, self.bits) {
            (1, ..) | (2, _, 8 | 16 | 32) | (3, Kind::Float, 32 | 64) => {}
            _ => bail!(refusal("an unknown predictor")),
        }
        if self.is_fax() && (self.bits, self.samples) != (1, 1) {
            bail!("a damaged TIFF: a fax has one bit a pixel");
        }
        if self.is_fax() && self.chunk.0 > usize::from(u16::MAX) {
            bail!(refusal("a fax of more than 65535 columns"));
        }
        if self.pieces.is_some() && (self.planar || self.chunk.0.max(self.chunk.1) > 0xffff) {
            bail!(refusal("the old form of JPEG compression, of a rare kind"));
        }
        let is_all = self.samples == self.colours.channels() || self.has_alpha_in_jpeg();
        if self.compression == 7 && (self.bits != 8 || !is_all) {
            bail!(refusal("a JPEG inside that has alpha or more than 8 bits"));
        }
        if let Colours::YCbCr(YCbCr { shared, .. }) = self.colours
            && self.compression != 7
        {
            let possible = matches!(shared, (1 | 2 | 4, 1 | 2 | 4));
            if !possible || self.planar && shared != (1, 1) || self.samples != 3 {
                bail!(refusal("colours that an unusual number of pixels share"));
            }
            if self.predictor != 1 && shared != (1, 1) {
                bail!(refusal("an unknown predictor"));
            }
        }
        // Tiles are as small as a page or smaller, or filled up to some size.
        let (columns, rows) = self.chunk;
        let page = self.width.saturating_mul(self.height);
        let most = page.saturating_mul(4).saturating_add(1 << 24);
        if page > 0 && (columns == 0 || rows == 0 || columns.saturating_mul(rows) > most) {
            bail!("a damaged TIFF: its parts can't have {columns} x {rows} pixels");
        }
        Ok(())
    }

    fn is_fax(&self) -> bool {
        matches!(self.compression, 2..=4)
    }

    /// Whether a JPEG inside has red, green, blue and alpha, which no JPEG file has.
    pub fn has_alpha_in_jpeg(&self) -> bool {
        (&self.colours, self.samples) == (&Colours::Rgb, 4) && !self.planar
    }

    /// The form of fax, if it is one.
    pub fn fax(&self) -> Fax {
        match self.compression {
            2 => Fax::Runs,
            3 => Fax::Group3 {
                differences: self.fax_options & 1 == 1,
            },
            _ => Fax::Group4,
        }
    }

    /// The number of channels that are read: the colours, and alpha.
    pub fn kept(&self) -> usize {
        self.colours.channels() + usize::from(self.alpha.is_some())
    }

    /// The strips or tiles with the channels that are read.
    pub fn chunks(&self) -> impl Iterator<Item = Chunk> {
        let (columns, rows) = self.chunk;
        let (across, down) = (self.width.div_ceil(columns), self.height.div_ceil(rows));
        let planes = if self.planar { self.kept() } else { 1 };
        (0..planes * down * across).map(move |index| {
            let (left, top) = (index % across * columns, index / across % down * rows);
            let at = self
                .offsets
                .get(index)
                .map_or(usize::MAX, |at| *at as usize);
            // A few programs leave the lengths out: then the data ends somewhere in the file.
            let length = self.lengths.get(index).filter(|length| **length > 0);
            let length = length.map_or(usize::MAX, |length| *length as usize);
            Chunk {
                plane: index / across / down,
                left,
                top,
                columns,
                rows: if self.tiled {
                    rows
                } else {
                    rows.min(self.height - top)
                },
                data: at..at.saturating_add(length),
            }
        })
    }
}

/// Refuses what can't be decompressed.
fn check_compression(compression: u64) -> Result<()> {
    match compression {
        1..=8 | 32_773 | 32_946 | ZSTANDARD => {}
        34_712 | 33_003..=33_005 => bail!(refusal("JPEG 2000 compression")),
        34_925 => bail!(refusal("LZMA compression")),
        50_001 => bail!(refusal("WebP compression")),
        _ => bail!(refusal("an unknown compression")),
    }
    Ok(())
}
