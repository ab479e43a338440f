//! The properties of a filter.

use std::ops::Range;

use crate::codec::Photo;

/// Computes rows of a result into memory for exactly these rows.
///
/// # Panics
/// If the memory has not the size of these rows, or they lie outside the result.
pub type Rows<'a> = Box<dyn Fn(Range<usize>, &mut [u8]) + Sync + 'a>;

/// A filter. The struct that implements it holds the filter's options, which are also options of
/// the command line.
pub(super) trait Operation {
    /// The filter's line in `--help`.
    const HELP: &'static str;

    /// Whether the result is made of grey values alone, so that a decoder need not give colours.
    fn luma_is_enough(&self) -> bool {
        false
    }

    /// Whether the result is the luma of the photo, which a decoder can give.
    fn is_luma(&self) -> bool {
        false
    }

    /// The longer side of the result, if the filter does nothing but shrink: a decoder can do that
    /// with less work, since it need not decode what is shrunk away.
    fn longer_side(&self) -> Option<usize> {
        None
    }

    /// The filter for a picture that was shrunk to half the size, if it treats all channels alike,
    /// each by itself.
    fn halved(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// Whether the photo is already its own result.
    fn is_done(&self, _photo: &Photo) -> bool {
        false
    }

    /// Whether a photo of black and white remains one.
    fn keeps_bilevel(&self) -> bool {
        false
    }

    /// The width and height of the result.
    fn size(&self, source: &Photo) -> (usize, usize) {
        (source.width, source.height)
    }

    /// Returns the function that computes rows of the result. What all rows need is computed here,
    /// once.
    fn plan<'a>(&self, source: &'a Photo) -> Rows<'a>;
}

/// Fills `out` with `f` of each colour value; an alpha channel is kept.
pub(super) fn value_each(source: &[u8], channels: usize, out: &mut [u8], f: impl Fn(u8) -> u8) {
    if channels == 4 {
        for (out, pixel) in out.chunks_exact_mut(4).zip(source.chunks_exact(4)) {
            for channel in 0..3 {
                out[channel] = f(pixel[channel]);
            }
            out[3] = pixel[3];
        }
    } else {
        for (out, &value) in out.iter_mut().zip(source) {
            *out = f(value);
        }
    }
}
