//! Transparency, for filters that make one pixel of several.

use std::borrow::Cow;

/// Premultiplies alpha: multiplies each colour by its alpha. Only then may pixels be mixed with
/// their neighbours; otherwise the colours of transparent pixels would shine through at the edges
/// (T. Porter and T. Duff, *Compositing digital images*, 1984). Pixels without alpha are returned
/// as they are.
pub fn premultiplied(pixels: &[u8], channels: usize) -> Cow<'_, [u8]> {
    // Most pictures with an alpha channel are opaque everywhere.
    if channels != 4 || pixels.chunks_exact(4).all(|pixel| pixel[3] == 255) {
        return pixels.into();
    }
    let mut premultiplied = pixels.to_vec();
    for pixel in premultiplied.chunks_exact_mut(4) {
        let alpha = u32::from(pixel[3]);
        for value in &mut pixel[..3] {
            *value = ((u32::from(*value) * alpha + 127) / 255) as u8;
        }
    }
    premultiplied.into()
}

/// Divides each colour of [`premultiplied`] pixels by its alpha.
pub fn unpremultiply(pixels: &mut [u8]) {
    for pixel in pixels.chunks_exact_mut(4) {
        let alpha = u32::from(pixel[3]);
        for value in &mut pixel[..3] {
            // A kernel that overshoots can make a colour stronger than its alpha.
            let full = (u32::from(*value) * 255 + alpha / 2).checked_div(alpha);
            *value = full.unwrap_or(0).min(255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_comes_back_as_it_was() {
        for alpha in 0..=255 {
            for value in 0..=255 {
                let pixel = [value, 0, 255, alpha];
                let mut back = premultiplied(&pixel, 4).into_owned();
                unpremultiply(&mut back);
                if alpha == 0 {
                    assert_eq!(back, [0; 4]);
                    continue;
                }
                assert_eq!(back[1..], [0, 255, alpha]);
                // Half of the distance between two colours that can be told apart at this alpha.
                let most = 255.0 / f32::from(alpha) / 2.0 + 0.5;
                let off = f32::from(back[0].abs_diff(value));
                assert!(
                    off <= most && (alpha < 255 || off == 0.0),
                    "{pixel:?}: {back:?}"
                );
            }
        }
    }
}
