//! Luma and two colours to red, green and blue.

use std::num::Wrapping;

/// Pixels that are computed in one loop.
const RUN: usize = 64;

/// Converts a picture (JFIF 1.02, *Conversion to and from RGB*).
pub fn rgb(luma: &[u8], blue: &[u8], red: &[u8], out: &mut [u8]) {
    let mut buffer = [0; RUN];
    for (at, out) in (0..).step_by(RUN).zip(out.chunks_mut(3 * RUN)) {
        let run = at..at + out.len() / 3;
        let (luma, blue, red) = (&luma[run.clone()], &blue[run.clone()], &red[run.clone()]);
        let buffer = &mut buffer[..run.len()];
        for (((out, luma), blue), red) in buffer.iter_mut().zip(luma).zip(blue).zip(red) {
            *out = pixel(*luma, *blue, *red);
        }
        // Four pixels are three words.
        let (fours, rest) = out.as_chunks_mut::<12>();
        for (out, four) in fours.iter_mut().zip(buffer.as_chunks::<4>().0) {
            let [a, b, c, d] = *four;
            out[..4].copy_from_slice(&(a | b << 24).to_le_bytes());
            out[4..8].copy_from_slice(&(b >> 8 | c << 16).to_le_bytes());
            out[8..].copy_from_slice(&(c >> 16 | d << 8).to_le_bytes());
        }
        let last = &buffer[4 * fours.len()..];
        for (out, pixel) in rest.as_chunks_mut::<3>().0.iter_mut().zip(last) {
            out.copy_from_slice(&pixel.to_le_bytes()[..3]);
        }
    }
}

/// Returns red, green and blue, from the lowest byte on. Whole numbers of 16 bits are enough, with
/// a 64th as unit, and their sums wrap by type: a check for overflow would keep the compiler
/// from vector instructions.
#[inline(always)]
fn pixel(luma: u8, blue: u8, red: u8) -> u32 {
    let centred = |value: u8| Wrapping(i16::from(value) - 128);
    let (luma, blue, red) = (Wrapping(i16::from(luma)), centred(blue), centred(red));
    // A fraction, in 65536ths, of a value. A whole one is left out, since it has no place there.
    let part = |value: Wrapping<i16>, of: i32| {
        Wrapping(((i32::from(value.0).wrapping_mul(64).wrapping_mul(of)) >> 16) as i16)
    };
    let rounded = |value: Wrapping<i16>| (value + Wrapping(32)) >> 6;
    let byte = |value: Wrapping<i16>| value.0.clamp(0, 255) as u32;
    // 1.402 = 1 + 0.402; 0.714136 = 1 - 0.285864; 1.772 = 2 - 0.228.
    let r = luma + red + rounded(part(red, 26_345));
    let g = luma - red + rounded(part(red, 18_734) - part(blue, 22_554));
    let b = luma + blue + blue - rounded(part(blue, 14_942));
    byte(r) | byte(g) << 8 | byte(b) << 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_is_nearly_the_exact_one() {
        for (luma, blue, red) in (0..=255)
            .step_by(15)
            .flat_map(|luma| (0..=255).map(move |blue| (luma, blue)))
            .flat_map(|(luma, blue)| (0..=255).map(move |red| (luma, blue, red)))
        {
            let [r, g, b, _] = pixel(luma, blue, red).to_le_bytes().map(f64::from);
            let [y, cb, cr] = [luma, blue, red].map(f64::from);
            let (cb, cr) = (cb - 128.0, cr - 128.0);
            let exact = [
                y + 1.402 * cr,
                y - 0.344136 * cb - 0.714136 * cr,
                y + 1.772 * cb,
            ];
            for (is, exact) in [r, g, b].into_iter().zip(exact) {
                assert!(
                    (is - exact.clamp(0.0, 255.0)).abs() < 0.54,
                    "{luma} {blue} {red}: {is}"
                );
            }
        }
    }
}
