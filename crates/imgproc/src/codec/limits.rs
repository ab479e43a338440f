//! The limits on what is read and decoded.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

/// The bytes of a pixel with four channels of 16 bits. Nearly all files have fewer for each.
const LARGEST_PIXEL: u64 = 8;

/// The limits on what is read and decoded.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Limits {
    /// The most pixels a photo may have. A file of a few kilobytes can claim billions.
    pub max_pixels: u64,
}

impl Default for Limits {
    /// 250 megapixels: more than any camera has.
    fn default() -> Self {
        Self {
            max_pixels: 250_000_000,
        }
    }
}

impl Limits {
    /// Checks the length of a file before it is read: a small photo may have gigabytes behind it.
    ///
    /// # Errors
    /// If it is longer than any photo within the limits.
    pub fn check_file(self, bytes: u64) -> Result<()> {
        let most = self.max_pixels.saturating_mul(LARGEST_PIXEL);
        if bytes > most {
            bail!(
                "a file of {} MB, more than {LARGEST_PIXEL} bytes for each of the {} megapixels \
                 that --max-megapixels allows",
                bytes / 1_000_000,
                self.max_pixels / 1_000_000
            );
        }
        Ok(())
    }

    /// Checks the size of a picture before it is decoded.
    ///
    /// # Errors
    /// If it is empty, or too large.
    pub(super) fn check(self, width: usize, height: usize) -> Result<()> {
        let pixels = width as u64 * height as u64;
        if pixels == 0 {
            bail!("{width} x {height} pixels: there is nothing in it");
        }
        if pixels > self.max_pixels {
            bail!(
                "{width} x {height} is {} megapixels, more than the {} that --max-megapixels allows",
                pixels / 1_000_000,
                self.max_pixels / 1_000_000
            );
        }
        Ok(())
    }
}
