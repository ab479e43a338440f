//! What the tests of the filters need to compare a result with its definition.

/// A picture of edges, gradients and noise: `channels` samples a pixel. The edges are rings, the
/// further apart the larger `ring` is.
pub fn picture((width, height): (usize, usize), channels: usize, ring: usize) -> Vec<u8> {
    let mut random = 1_u32;
    let sample = |i: usize| {
        let (x, y) = (i / channels % width, i / channels / width);
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (random >> 27) as usize;
        let disc = (x * x + y * y) / ring % 3 * 80;
        (disc + x * 60 / width + noise).min(255) as u8
    };
    (0..width * height * channels).map(sample).collect()
}

/// The columns of a table whose rows are `width` long, as rows.
pub fn transposed(values: &[f64], width: usize) -> Vec<f64> {
    let columns = (0..width).map(|x| values.iter().skip(x).step_by(width));
    columns.flatten().copied().collect()
}

/// The peak signal-to-noise ratio of samples from 0 to 255 against the exact ones, in decibels.
pub fn psnr(samples: &[u8], exact: &[f64]) -> f64 {
    assert_eq!(samples.len(), exact.len());
    let error: f64 = samples
        .iter()
        .zip(exact)
        .map(|(&sample, exact)| (f64::from(sample) - exact).powi(2))
        .sum();
    10.0 * (255.0 * 255.0 * samples.len() as f64 / error).log10()
}
