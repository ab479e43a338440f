//! The five photos that come with the lesson, so that a copy of it has real work to do.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::codec::{Format, Limits, Strip, decode, encode};
use crate::{files, filter};

/// The name and bytes of each sample; `photos/LICENCES.md` names the photographers.
pub const SAMPLES: [(&str, &[u8]); 5] = [
    ("astronaut", include_bytes!("../photos/astronaut.jpg")),
    ("chelsea", include_bytes!("../photos/chelsea.jpg")),
    ("coffee", include_bytes!("../photos/coffee.jpg")),
    ("rocket", include_bytes!("../photos/rocket.jpg")),
    ("seeding", include_bytes!("../photos/seeding.jpg")),
];

/// Writes the samples to `folder` as JPEGs, their sides enlarged by `factor`, and returns their
/// paths. Files of these names are replaced.
///
/// # Errors
/// If the folder can't be written to, or a side becomes longer than a JPEG's may be.
pub fn enlarge_into(folder: &Path, factor: usize) -> Result<Vec<PathBuf>> {
    let limits = Limits {
        max_pixels: u64::MAX,
    };
    let one = |(name, bytes): &(&str, &[u8])| {
        let small = decode(bytes, false, limits, Vec::new())?;
        let large = filter::resized(&small, small.width * factor, small.height * factor);
        let path = folder.join(name).with_extension("jpg");
        let file = encode(&large, Format::Jpeg, 90, Strip::Nothing, Vec::new())?;
        files::write(&path, &file, true, None)?;
        Ok(path)
    };
    let paths: Result<_> = SAMPLES.iter().map(one).collect();
    paths.context("the sample photos")
}
