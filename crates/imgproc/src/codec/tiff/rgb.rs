//! Samples of a TIFF, a byte each, to grey or RGB, with alpha that the colours are not multiplied
//! by.

use super::colours::{Colours, YCbCr};
use super::layout::Layout;
use super::samples::Depth;

/// Returns the number of channels, and the pixels.
pub fn to_rgb(layout: &Layout, mut samples: Vec<u8>) -> (usize, Vec<u8>) {
    let kept = layout.kept();
    if layout.colours
        == (Colours::Grey {
            white_is_zero: true,
        })
    {
        for pixel in samples.chunks_exact_mut(kept) {
            pixel[0] = 255 - pixel[0];
        }
    }
    let (channels, mut pixels) = match &layout.colours {
        Colours::Grey { .. } if layout.alpha.is_none() => (1, samples),
        Colours::Rgb => (kept, samples),
        Colours::Grey { .. } => converted(&samples, kept, |of| [of[0]; 3]),
        Colours::Palette(palette) => converted(&samples, kept, |of| palette[usize::from(of[0])]),
        Colours::Cmyk => converted(&samples, kept, cmyk),
        // The decoder of JPEG has converted it.
        Colours::YCbCr(_) if layout.compression == 7 && !layout.old_jpeg => (kept, samples),
        Colours::YCbCr(ycbcr) => converted(&samples, kept, |of| luma_and_chroma(ycbcr, of)),
        Colours::Lab { signed } => converted(&samples, kept, |of| lab(*signed, of)),
    };
    if layout.alpha == Some(true) && !is_divided_first(layout) {
        pixels.chunks_exact_mut(4).for_each(divide_by_alpha);
    }
    (channels, pixels)
}

/// Converts each pixel to RGB. What is behind its colours is alpha, if there is anything.
fn converted(samples: &[u8], kept: usize, to_rgb: impl Fn(&[u8]) -> [u8; 3]) -> (usize, Vec<u8>) {
    let alpha = matches!(kept, 2 | 5);
    let mut pixels = Vec::with_capacity(samples.len() / kept * 4);
    for pixel in samples.chunks_exact(kept) {
        pixels.extend(to_rgb(pixel));
        if alpha {
            pixels.push(pixel[kept - 1]);
        }
    }
    (if alpha { 4 } else { 3 }, pixels)
}

fn cmyk(pixel: &[u8]) -> [u8; 3] {
    let light = 255 - u32::from(pixel[3]);
    let mixed = |ink: u8| ((255 - u32::from(ink)) * light + 127) / 255;
    [0, 1, 2].map(|ink| mixed(pixel[ink]) as u8)
}

/// TIFF 6.0, section 21.
fn luma_and_chroma(ycbcr: &YCbCr, pixel: &[u8]) -> [u8; 3] {
    let [red, green, blue] = ycbcr.luma;
    let [black, white, cb_0, cb_1, cr_0, cr_1] = ycbcr.reference;
    let scaled = |value: u8, zero: f64, most: f64, range: f64| {
        (f64::from(value) - zero) * range / (most - zero)
    };
    let y = scaled(pixel[0], black, white, 255.0);
    let cb = scaled(pixel[1], cb_0, cb_1, 127.0);
    let cr = scaled(pixel[2], cr_0, cr_1, 127.0);
    let r = cr * (2.0 - 2.0 * red) + y;
    let b = cb * (2.0 - 2.0 * blue) + y;
    let g = (y - blue * b - red * r) / green;
    [r, g, b].map(|value| value.round() as u8)
}

/// L*a*b* to sRGB (CIE 15:2004, 8.2.1; IEC 61966-2-1). Its white is D50, as in ICC profiles, and
/// the matrix adapts it to D65 by Bradford's method.
fn lab(signed: bool, pixel: &[u8]) -> [u8; 3] {
    const WHITE: [f64; 3] = [0.9642, 1.0, 0.8249];
    const TO_SRGB: [[f64; 3]; 3] = [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ];
    let chroma = |value: u8| match signed {
        true => f64::from(value as i8),
        false => f64::from(value) - 128.0,
    };
    let y = (f64::from(pixel[0]) * 100.0 / 255.0 + 16.0) / 116.0;
    let (x, z) = (y + chroma(pixel[1]) / 500.0, y - chroma(pixel[2]) / 200.0);
    let cubed = |value: f64| match value > 6.0 / 29.0 {
        true => value.powi(3),
        false => (value - 4.0 / 29.0) * 108.0 / 841.0,
    };
    let [x, y, z] = [x, y, z].map(cubed);
    let xyz = [x * WHITE[0], y * WHITE[1], z * WHITE[2]];
    TO_SRGB.map(|row| {
        let light: f64 = row
            .iter()
            .zip(xyz)
            .map(|(share, value)| share * value)
            .sum();
        let value = match light > 0.0031308 {
            true => 1.055 * light.powf(1.0 / 2.4) - 0.055,
            false => 12.92 * light,
        };
        // What sRGB does not have becomes its nearest colour.
        (value * 255.0).round() as u8
    })
}

/// Whether samples are divided by alpha before they become bytes, so that dark values keep their
/// bits. Samples that are ink must be: it is they that were multiplied, not the light. Other
/// colours are converted to RGB first, which is done with bytes.
pub fn is_divided_first(layout: &Layout) -> bool {
    let is_ink = match layout.colours {
        Colours::Grey { white_is_zero } => white_is_zero,
        Colours::Cmyk => true,
        Colours::Rgb => false,
        _ => return false,
    };
    layout.alpha == Some(true) && (is_ink || layout.bits > 8)
}

/// Returns the pixels as bytes, with the colours divided by alpha, which is the last sample of
/// each.
pub fn divided_by_alpha(samples: &[u16], kept: usize) -> Vec<u8> {
    let divided = samples.chunks_exact(kept).flat_map(|pixel| {
        let alpha = u64::from(pixel[kept - 1]);
        let colours = pixel[..kept - 1].iter().map(move |colour| match alpha {
            0 => 0,
            _ => u8::share(u64::from(*colour).min(alpha), alpha),
        });
        colours.chain([u8::share(alpha, u16::MOST)])
    });
    divided.collect()
}

fn divide_by_alpha(pixel: &mut [u8]) {
    let alpha = u32::from(pixel[3]);
    for value in &mut pixel[..3] {
        // Rounded down, as Pillow does it. Nobody can say which colour nothing has.
        *value = match alpha {
            0 => 0,
            _ => (u32::from(*value) * 255 / alpha).min(255) as u8,
        };
    }
}
