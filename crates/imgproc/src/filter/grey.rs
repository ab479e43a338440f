//! Grey: the luma of each pixel.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::operation::{Operation, Rows};
use crate::codec::Photo;

/// Grey = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Args)]
pub struct Grey;

impl Operation for Grey {
    const HELP: &'static str = "0.299 R + 0.587 G + 0.114 B";

    fn luma_is_enough(&self) -> bool {
        true
    }

    fn is_luma(&self) -> bool {
        true
    }

    fn is_done(&self, photo: &Photo) -> bool {
        photo.channels == 1
    }

    fn plan<'a>(&self, source: &'a Photo) -> Rows<'a> {
        Box::new(|rows, out| {
            grey_each(source.rows(rows), source.channels, out, |grey| grey);
        })
    }
}

/// BT.601 in 16-bit fixed point. The weights add up to 65536, so white stays 255.
#[inline]
// ANCHOR: luma
pub(super) fn luma(pixel: &[u8]) -> u8 {
    let (r, g, b) = (
        u32::from(pixel[0]),
        u32::from(pixel[1]),
        u32::from(pixel[2]),
    );
    ((19_595 * r + 38_470 * g + 7_471 * b + 32_768) >> 16) as u8
}
// ANCHOR_END: luma

/// Fills `out` with `f` of each pixel's grey value; an alpha channel is kept.
pub(super) fn grey_each(source: &[u8], channels: usize, out: &mut [u8], f: impl Fn(u8) -> u8) {
    match channels {
        1 => {
            for (out, &grey) in out.iter_mut().zip(source) {
                *out = f(grey);
            }
        }
        3 => {
            for (out, pixel) in out.iter_mut().zip(source.chunks_exact(3)) {
                *out = f(luma(pixel));
            }
        }
        _ => {
            for (out, pixel) in out.chunks_exact_mut(4).zip(source.chunks_exact(4)) {
                out[..3].fill(f(luma(pixel)));
                out[3] = pixel[3];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grey_has_the_courses_weights() {
        for (pixel, grey) in [
            ([255, 255, 255], 255),
            ([0, 0, 0], 0),
            ([255, 0, 0], 76),  // 0.299 * 255 = 76.2
            ([0, 255, 0], 150), // 0.587 * 255 = 149.7
            ([0, 0, 255], 29),  // 0.114 * 255 = 29.1
        ] {
            assert_eq!(luma(&pixel), grey, "{pixel:?}");
        }
    }
}
