//! The filters. Each fills a *band*, any run of rows, of its result by itself: that is what lets
//! workers share one photo, and it makes no difference to the result how the rows were cut.

use std::ops::Range;

use anyhow::{Result, anyhow};
use libblur::{
    BlurImage, BlurImageMut, ConvolutionMode, EdgeMode, EdgeMode2D, FastBlurChannels,
    GaussianBlurParams, ThreadingPolicy, gaussian_blur,
};
use pic_scale::{ImageSize, ImageStore, ImageStoreMut, Resampling, ResamplingFunction, Scaler};
use serde::{Deserialize, Serialize};

use crate::alpha::{mixable, unmix};
use crate::codec::Photo;

/// What is done to each photo.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Filter {
    /// Grey = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
    Grey,
    /// White where the grey value is at least `level`, black elsewhere.
    Threshold {
        /// 0 to 255.
        level: u8,
    },
    /// Gaussian blur, cut off at three sigma.
    Blur {
        /// The standard deviation, in pixels.
        sigma: f64,
    },
    /// The length of the gradient of the grey value, by Sobel's two 3 x 3 kernels.
    Edges,
    /// 255 minus the value.
    Invert,
    /// Each channel in so many equal steps.
    Posterise {
        /// 2 to 256.
        levels: u16,
    },
    /// Shrunk with a Lanczos kernel of three lobes; never enlarged.
    Thumbnail {
        /// The longer side of the result, in pixels.
        size: usize,
    },
}

impl Filter {
    /// Whether the result is made from grey values alone, so that a decoder need not give more.
    pub fn wants_luma(self) -> bool {
        matches!(self, Self::Grey | Self::Threshold { .. } | Self::Edges)
    }

    /// Whether the photo is already its own result.
    pub fn is_done(self, photo: &Photo) -> bool {
        match self {
            Self::Grey => photo.channels == 1,
            Self::Thumbnail { size } => photo.width.max(photo.height) <= size,
            _ => false,
        }
    }

    /// The photo into which [`rows`](Self::rows) writes, in the memory of `spare`. It has as many rows as the
    /// source, though not always as many columns.
    pub fn canvas(self, source: &Photo, mut spare: Vec<u8>) -> Photo {
        let width = match self {
            Self::Thumbnail { size } => shrunk(source, size).0,
            _ => source.width,
        };
        // An alpha channel is kept, so grey with alpha stays RGB with alpha.
        let channels = match source.channels {
            3 if self.wants_luma() => 1,
            channels => channels,
        };
        spare.resize(width * source.height * channels, 0);
        Photo {
            width,
            height: source.height,
            channels,
            pixels: spare,
            metadata: source.metadata.clone(),
        }
    }

    /// Computes these rows of the result.
    ///
    /// # Errors
    /// If the library that does the work refuses the picture.
    ///
    /// # Panics
    /// If `out` is not exactly these rows of the [`canvas`](Self::canvas), or they lie outside it.
    pub fn rows(self, source: &Photo, rows: Range<usize>, out: &mut [u8]) -> Result<()> {
        let own = source.rows(rows.clone());
        match self {
            Self::Grey => grey_each(own, source.channels, out, |grey| grey),
            Self::Threshold { level } => grey_each(own, source.channels, out, |grey| {
                if grey >= level { 255 } else { 0 }
            }),
            Self::Invert => value_each(own, source.channels, out, |value| 255 - value),
            Self::Posterise { levels } => {
                let table = steps(levels);
                value_each(own, source.channels, out, |v| table[usize::from(v)]);
            }
            Self::Edges => edges(source, rows, out),
            Self::Blur { sigma } => blur(source, rows, out, sigma)?,
            Self::Thumbnail { .. } => {
                let width = out.len() / rows.len() / source.channels;
                let from = (source.width, rows.len());
                let own = mixable(own, source.channels);
                resize(&own, from, out, (width, rows.len()), source.channels)?;
            }
        }
        Ok(())
    }

    /// What can only be done when all the rows are there: a thumbnail's vertical half. `None` if the canvas is the result.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub fn finish(self, source: &Photo, canvas: &Photo) -> Result<Option<Photo>> {
        let Self::Thumbnail { size } = self else {
            return Ok(None);
        };
        let (width, height) = shrunk(source, size);
        let mut small = resized(canvas, width, height)?;
        if small.channels == 4 {
            unmix(&mut small.pixels);
        }
        Ok(Some(small))
    }
}

/// BT.601 in 16-bit fixed point: the weights add up to 65536, so white stays 255.
// ANCHOR: luma
fn luma(pixel: &[u8]) -> u8 {
    let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    ((19_595 * r + 38_470 * g + 7_471 * b + 32_768) >> 16) as u8
}
// ANCHOR_END: luma

/// `out` = `f` of the grey value of each pixel; an alpha channel is kept.
fn grey_each(source: &[u8], channels: usize, out: &mut [u8], f: impl Fn(u8) -> u8) {
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

/// `out` = `f` of each colour value; an alpha channel is kept.
fn value_each(source: &[u8], channels: usize, out: &mut [u8], f: impl Fn(u8) -> u8) {
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

/// Each value's step, spread over 0 to 255.
fn steps(levels: u16) -> [u8; 256] {
    let levels = u32::from(levels);
    std::array::from_fn(|value| (value as u32 * levels / 256 * 255 / (levels - 1)) as u8)
}

/// Sobel's operator; beyond the border the outermost pixels repeat.
fn edges(source: &Photo, rows: Range<usize>, out: &mut [u8]) {
    let (width, channels) = (source.width, source.channels);
    // One row more on each side, where there is one.
    let first = rows.start.saturating_sub(1);
    let last = (rows.end + 1).min(source.height);
    let mut converted = Vec::new();
    let grey = if channels == 1 {
        source.rows(first..last)
    } else {
        converted.extend(source.rows(first..last).chunks_exact(channels).map(luma));
        &converted
    };
    let row = |y: usize| &grey[(y - first) * width..][..width];
    let out_stride = out.len() / rows.len();
    for (y, out) in rows.zip(out.chunks_exact_mut(out_stride)) {
        let above = row(y.saturating_sub(1));
        let here = row(y);
        let below = row((y + 1).min(source.height - 1));
        for x in 0..width {
            let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
            let at = |row: &[u8], x: usize| i32::from(row[x]);
            let dx = at(above, right) - at(above, left) + at(below, right) - at(below, left)
                + 2 * (at(here, right) - at(here, left));
            let dy = at(below, left) - at(above, left) + at(below, right) - at(above, right)
                + 2 * (at(below, x) - at(above, x));
            let length = ((dx * dx + dy * dy) as f32).sqrt().min(255.0) as u8;
            if channels == 4 {
                out[4 * x..4 * x + 3].fill(length);
                out[4 * x + 3] = source.pixels[(y * width + x) * 4 + 3];
            } else {
                out[x] = length;
            }
        }
    }
}

fn blur(source: &Photo, rows: Range<usize>, out: &mut [u8], sigma: f64) -> Result<()> {
    let radius = (3.0 * sigma).ceil() as usize;
    // The rows that these rows are blurred from: a radius more on each side.
    let first = rows.start.saturating_sub(radius);
    let last = (rows.end + radius).min(source.height);
    let channels = match source.channels {
        1 => FastBlurChannels::Plane,
        3 => FastBlurChannels::Channels3,
        _ => FastBlurChannels::Channels4,
    };
    let (width, height) = (source.width as u32, (last - first) as u32);
    let mixable = mixable(source.rows(first..last), source.channels);
    let from = BlurImage::borrow(&mixable, width, height, channels);
    let mut to = BlurImageMut::alloc(width, height, channels);
    gaussian_blur(
        &from,
        &mut to,
        GaussianBlurParams::new(2 * radius as u32 + 1, sigma),
        EdgeMode2D::new(EdgeMode::Clamp),
        // The library could use threads of its own; here the strategy decides who works.
        ThreadingPolicy::Single,
        ConvolutionMode::FixedPoint,
    )
    .map_err(|error| anyhow!("blur: {error}"))?;
    let skip = (rows.start - first) * source.stride();
    out.copy_from_slice(&to.data.borrow()[skip..skip + out.len()]);
    if source.channels == 4 {
        unmix(out);
    }
    Ok(())
}

/// The size whose longer side is `size`, of the same shape.
fn shrunk(photo: &Photo, size: usize) -> (usize, usize) {
    let longer = photo.width.max(photo.height);
    let scale = |side: usize| ((side * size + longer / 2) / longer).max(1);
    (scale(photo.width), scale(photo.height))
}

/// The photo at another size, by Lanczos. If it has an alpha channel, that is a channel like the others.
///
/// # Errors
/// If the library refuses such a size.
pub fn resized(photo: &Photo, width: usize, height: usize) -> Result<Photo> {
    let mut pixels = vec![0; width * height * photo.channels];
    let from = (photo.width, photo.height);
    resize(
        &photo.pixels,
        from,
        &mut pixels,
        (width, height),
        photo.channels,
    )?;
    Ok(Photo {
        width,
        height,
        channels: photo.channels,
        pixels,
        metadata: photo.metadata.clone(),
    })
}

fn resize(
    pixels: &[u8],
    from: (usize, usize),
    out: &mut [u8],
    to: (usize, usize),
    channels: usize,
) -> Result<()> {
    let (from, to) = (ImageSize::new(from.0, from.1), ImageSize::new(to.0, to.1));
    let scaler = Scaler::new(ResamplingFunction::Lanczos3);
    match channels {
        1 => resample(&*scaler.plan_planar_resampling(from, to)?, pixels, out),
        3 => resample(&*scaler.plan_rgb_resampling(from, to)?, pixels, out),
        _ => resample(&*scaler.plan_rgba_resampling(from, to, false)?, pixels, out),
    }
}

fn resample<const CHANNELS: usize>(
    plan: &Resampling<u8, CHANNELS>,
    pixels: &[u8],
    out: &mut [u8],
) -> Result<()> {
    let (from, to) = (plan.source_size(), plan.target_size());
    let source = ImageStore::borrow(pixels, from.width, from.height)?;
    let mut target = ImageStoreMut::borrow(out, to.width, to.height)?;
    Ok(plan.resample(&source, &mut target)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(width: usize, height: usize, channels: usize) -> Photo {
        let pixels = (0..width * height * channels)
            .map(|i| (i * 7919 % 251) as u8)
            .collect();
        Photo {
            width,
            height,
            channels,
            pixels,
            ..Photo::default()
        }
    }

    fn whole(filter: Filter, source: &Photo) -> Photo {
        let mut canvas = filter.canvas(source, Vec::new());
        filter
            .rows(source, 0..source.height, &mut canvas.pixels)
            .unwrap();
        filter.finish(source, &canvas).unwrap().unwrap_or(canvas)
    }

    fn in_bands(filter: Filter, source: &Photo, band: usize) -> Photo {
        let mut canvas = filter.canvas(source, Vec::new());
        let stride = canvas.stride();
        for (i, out) in canvas.pixels.chunks_mut(stride * band).enumerate() {
            let rows = i * band..i * band + out.len() / stride;
            filter.rows(source, rows, out).unwrap();
        }
        filter.finish(source, &canvas).unwrap().unwrap_or(canvas)
    }

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

    #[test]
    fn values_computed_by_hand() {
        let mut source = photo(3, 3, 1);
        source.pixels = vec![0, 0, 100, 0, 0, 100, 0, 0, 100];
        // In the middle: dx = 100 + 100 + 2 * 100 = 400, more than a byte holds; left: nothing.
        assert_eq!(whole(Filter::Edges, &source).pixels[3..6], [0, 255, 255]);
        let threshold = Filter::Threshold { level: 100 };
        assert_eq!(whole(threshold, &source).pixels[..3], [0, 0, 255]);
        assert_eq!(whole(Filter::Invert, &source).pixels[..3], [255, 255, 155]);
        assert_eq!(steps(2)[127..129], [0, 255]);
        assert_eq!(steps(4)[255], 255);
        assert_eq!(steps(256)[77], 77);
    }

    /// A white sheet with a hole, and bands with nothing of the hole in them.
    #[test]
    fn what_is_transparent_changes_no_colour() {
        let (width, height) = (90, 70);
        let mut source = photo(width, height, 4);
        source.pixels.fill(255);
        for (at, pixel) in source.pixels.chunks_mut(4).enumerate() {
            let (x, y) = (at % width, at / width);
            match y {
                // Black, and not to be seen.
                30..40 if (30..60).contains(&x) => pixel.fill(0),
                50..60 => pixel[3] = 77,
                _ => {}
            }
        }
        for filter in [Filter::Thumbnail { size: 30 }, Filter::Blur { sigma: 2.0 }] {
            let expected = whole(filter, &source);
            for pixel in expected.pixels.chunks(4).filter(|pixel| pixel[3] > 0) {
                // Eight bits know a colour the less, the less there is to be seen of it.
                let most = 255 / u32::from(pixel[3]) + 1;
                let off = |v: &u8| 255 - u32::from(*v);
                assert!(pixel[..3].iter().all(|v| off(v) <= most), "{pixel:?}");
            }
            let first = &expected.pixels[..4 * expected.width];
            assert!(first.iter().all(|&v| v == 255), "{filter:?}: {first:?}");
            assert_eq!(in_bands(filter, &source, 16), expected, "{filter:?}");
        }
    }

    #[test]
    fn a_flat_picture_stays_flat_when_blurred_or_shrunk() {
        let mut source = photo(90, 70, 3);
        source.pixels.fill(200);
        let blurred = whole(Filter::Blur { sigma: 2.0 }, &source);
        assert!(blurred.pixels.iter().all(|&v| v.abs_diff(200) <= 1));
        let small = whole(Filter::Thumbnail { size: 30 }, &source);
        assert_eq!((small.width, small.height), (30, 23));
        assert!(small.pixels.iter().all(|&v| v.abs_diff(200) <= 1));
    }

    #[test]
    fn how_the_rows_are_cut_makes_no_difference() {
        let filters = [
            Filter::Grey,
            Filter::Threshold { level: 90 },
            Filter::Blur { sigma: 0.8 },
            Filter::Blur { sigma: 5.0 },
            Filter::Edges,
            Filter::Invert,
            Filter::Posterise { levels: 5 },
            Filter::Thumbnail { size: 40 },
        ];
        for channels in [1, 3, 4] {
            let source = photo(131, 77, channels);
            for filter in filters {
                let expected = whole(filter, &source);
                for band in [1, 2, 7, 16, 76] {
                    assert_eq!(
                        in_bands(filter, &source, band),
                        expected,
                        "{filter:?}, {channels} channels, bands of {band}"
                    );
                }
            }
        }
    }

    #[test]
    fn alpha_is_kept() {
        let source = photo(9, 9, 4);
        for filter in [Filter::Grey, Filter::Edges, Filter::Invert] {
            let result = whole(filter, &source);
            assert_eq!(result.channels, 4);
            let alpha = |p: &Photo| p.pixels.chunks(4).map(|p| p[3]).collect::<Vec<_>>();
            assert_eq!(alpha(&result), alpha(&source));
        }
    }
}
