//! Transparency, for filters that make one pixel of several.

use std::borrow::Cow;

/// Pixels that may be mixed with their neighbours: a colour counts for as much as can be seen of it, or what is transparent would
/// shine through at the edges. ("Premultiplied alpha": T. Porter and T. Duff, *Compositing digital images*, 1984.)
///
/// Not by the library that resizes: its result depends on what else is in the same band.
pub fn mixable(pixels: &[u8], channels: usize) -> Cow<'_, [u8]> {
    if channels != 4 {
        return pixels.into();
    }
    let mut mixable = pixels.to_vec();
    for pixel in mixable.chunks_exact_mut(4) {
        let alpha = u32::from(pixel[3]);
        for value in &mut pixel[..3] {
            *value = ((u32::from(*value) * alpha + 127) / 255) as u8;
        }
    }
    mixable.into()
}

/// Back from [`mixable`] pixels.
pub fn unmix(pixels: &mut [u8]) {
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
                let mut back = mixable(&pixel, 4).into_owned();
                unmix(&mut back);
                assert_eq!(back[3], alpha);
                // The step between two colours that differ at this alpha, rounded twice.
                let most = match alpha {
                    0 => 255,
                    alpha => 255 / u32::from(alpha) / 2 + 1,
                };
                let off = u32::from(back[0].abs_diff(value));
                assert!(
                    off <= most && (alpha < 255 || off == 0),
                    "{pixel:?}: {back:?}"
                );
            }
        }
    }
}
