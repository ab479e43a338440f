//! What a file contains besides its pixels, and how it is made to fit the result: a photo that was
//! turned is not turned again, and no picture of the photo as it was stays behind in a thumbnail.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub mod exif;
pub mod of_jpeg;
pub mod photoshop;
pub mod xmp;

/// What a file contains besides its pixels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The ICC colour profile.
    pub icc: Option<Vec<u8>>,
    /// The EXIF block (a TIFF structure, without JPEG's `Exif\0\0` prefix). Its orientation
    /// tag has been applied to the pixels and reset.
    pub exif: Option<Vec<u8>>,
    /// The XMP packet (XML in UTF-8). Its orientation has been applied and reset, too.
    pub xmp: Option<Vec<u8>>,
    /// Photoshop's image resources, among them the captions and keywords of IPTC.
    pub photoshop: Option<Vec<u8>>,
    /// The resolution, across and down.
    pub density: Option<Density>,
    /// What the file contains and the result does not, in words for the user.
    pub left_out: Option<String>,
}

/// What is left out of the metadata.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub enum Strip {
    /// Nothing: all metadata are kept
    #[default]
    Nothing,
    /// All metadata
    All,
    /// All but the ICC profile, without which the colours of many photos are wrong
    KeepIcc,
}

/// A resolution, across and down, in thousandths of dots per inch: so that it comes back exactly
/// from the units of every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Density(pub [u32; 2]);

impl Density {
    /// Makes a resolution from dots per inch. `None` if a number is not a resolution.
    pub fn per_inch(dots: [f64; 2]) -> Option<Self> {
        let possible = dots.iter().all(|dots| (0.01..1e6).contains(dots));
        possible.then(|| Self(dots.map(|dots| (dots * 1000.0).round() as u32)))
    }

    /// Makes a resolution from dots per centimetre.
    pub fn per_centimetre(dots: [f64; 2]) -> Option<Self> {
        Self::per_inch(dots.map(|dots| dots * 2.54))
    }

    /// Makes a resolution from dots per metre.
    pub fn per_metre(dots: [u32; 2]) -> Option<Self> {
        Self::per_centimetre(dots.map(|dots| f64::from(dots) / 100.0))
    }

    /// Dots per inch, as whole numbers.
    pub fn dots_per_inch(self) -> [u16; 2] {
        let whole = |dots| u16::try_from((dots + 500) / 1000).unwrap_or(u16::MAX);
        self.0.map(whole).map(|dots| dots.max(1))
    }

    /// Dots per metre, as whole numbers.
    pub fn dots_per_metre(self) -> [u32; 2] {
        self.0.map(|dots| (f64::from(dots) / 25.4).round() as u32)
    }
}

impl Metadata {
    /// Returns how the pixels are to be turned: EXIF's orientation, 1 to 8, or else that of XMP.
    pub fn orientation(&self) -> Option<u8> {
        let exif = self.exif.as_deref().and_then(exif::orientation);
        exif.or_else(|| self.xmp.as_deref().and_then(xmp::orientation))
    }

    /// Resets the orientation: the pixels are upright.
    pub fn reset_orientation(&mut self) {
        if let Some(exif) = &mut self.exif {
            exif::reset_orientation(exif);
        }
        if let Some(xmp) = &mut self.xmp {
            *xmp = xmp::with(xmp, xmp::ORIENTATION, 1);
        }
    }

    /// Returns what is kept.
    pub fn stripped(&self, strip: Strip) -> Self {
        match strip {
            Strip::Nothing => self.clone(),
            Strip::All => Self::default(),
            Strip::KeepIcc => Self {
                icc: self.icc.clone(),
                ..Self::default()
            },
        }
    }

    /// Returns the metadata for a result of this size: the size that is noted in them is set, and
    /// thumbnails, which show the photo before the filter, are taken out.
    pub fn of_size(&self, width: usize, height: usize) -> Self {
        let mut fitting = self.clone();
        if let Some(exif) = &mut fitting.exif {
            exif::remove_thumbnails(exif);
            exif::set_size(exif, width as u32, height as u32);
        }
        let xmp = self.xmp.as_deref();
        fitting.xmp = xmp.and_then(|xmp| xmp::of_size(xmp, width, height));
        let photoshop = self.photoshop.as_deref();
        fitting.photoshop = photoshop.and_then(photoshop::without_thumbnails);
        fitting
    }
}

/// Returns an EXIF block without the prefix that JPEG has before it, and that some programs write
/// in other formats, too. `None` if it is not an EXIF block.
pub fn exif_block(bytes: &[u8]) -> Option<Vec<u8>> {
    let block = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
    super::ifd::Structure::open(block).map(|_| block.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolution_comes_back_from_every_unit() {
        for dots in [72, 96, 150, 300, 1200] {
            let density = Density::per_inch([f64::from(dots); 2]).unwrap();
            let again = Density::per_metre(density.dots_per_metre()).unwrap();
            assert_eq!(again.dots_per_inch(), [dots; 2]);
            assert_eq!(again.dots_per_metre(), density.dots_per_metre());
        }
        assert_eq!(Density::per_inch([0.0, 300.0]), None);
        assert_eq!(Density::per_inch([f64::NAN, 300.0]), None);
    }
}
