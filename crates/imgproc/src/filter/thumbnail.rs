//! Thumbnail: shrunk.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::alpha::{premultiplied, unpremultiply};
use super::operation::{Operation, Rows};
use crate::codec::Photo;
use crate::resize::{Resize, fitting};

/// Shrunk with a Lanczos kernel of three lobes; never enlarges.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Args)]
pub struct Thumbnail {
    /// thumbnail: the longer side in pixels
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=65_535))]
    pub size: u32,
}

impl Operation for Thumbnail {
    const HELP: &'static str = "Shrunk to --size (Lanczos)";

    fn longer_side(&self) -> Option<usize> {
        Some(self.size as usize)
    }

    fn is_done(&self, photo: &Photo) -> bool {
        photo.width.max(photo.height) <= self.size as usize
    }

    fn size(&self, source: &Photo) -> (usize, usize) {
        fitting((source.width, source.height), self.size as usize)
    }

    fn plan<'a>(&self, source: &'a Photo) -> Rows<'a> {
        let resize = Resize::new((source.width, source.height), self.size(source));
        let pixels = premultiplied(&source.pixels, source.channels);
        Box::new(move |rows, out| {
            resize.rows(&pixels, source.channels, rows, out);
            if source.channels == 4 {
                unpremultiply(out);
            }
        })
    }
}
