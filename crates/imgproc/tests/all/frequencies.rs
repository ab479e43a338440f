//! JPEGs that become grey JPEGs without pixels: how near they are to those that are made of pixels.

use imgproc::codec::{self, Format, Limits, Need, Part, Photo, Strip};
use imgproc::samples::SAMPLES;
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

const PIXELS: Need = Need {
    luma: true,
    longer_side: None,
    frequencies: false,
};
const FREQUENCIES: Need = Need {
    frequencies: true,
    ..PIXELS
};

fn read(file: &[u8], need: Need) -> anyhow::Result<Photo> {
    codec::open(file, Limits::default())?.decode(need, Vec::new())
}

fn write(photo: &Photo, quality: u8) -> Vec<u8> {
    codec::encode(photo, Format::Jpeg, quality, Strip::Nothing, Vec::new()).unwrap()
}

/// Returns the grey JPEG that is made of frequencies.
fn grey(file: &[u8], quality: u8) -> Vec<u8> {
    let photo = read(file, FREQUENCIES).unwrap();
    assert!(photo.frequencies.is_some() && photo.pixels.is_empty());
    write(&photo, quality)
}

/// The peak signal-to-noise ratio, in decibels.
fn psnr(a: &Photo, b: &Photo) -> f64 {
    assert_eq!((a.width, a.height, a.channels), (b.width, b.height, 1));
    let square = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    let error: f64 = a.pixels.iter().zip(&b.pixels).map(square).sum();
    10.0 * (255.0 * 255.0 * a.pixels.len() as f64 / error.max(1e-9)).log10()
}

/// Returns a sample, cut to a size, in three channels.
fn sample(which: usize, width: usize, height: usize) -> Vec<u8> {
    let (_, bytes) = SAMPLES[which];
    let photo = codec::decode(bytes, false, Limits::default(), Vec::new()).unwrap();
    let rows = photo.pixels.chunks(photo.stride()).take(height);
    rows.flat_map(|row| &row[..3 * width]).copied().collect()
}

/// Returns noise, in three channels.
fn noise(width: usize, height: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..width * height * 3).map(|_| next()).collect()
}

/// Returns a file of each sampling, with and without restart markers, and one that is grey.
fn files(rgb: &[u8], width: usize, height: usize, quality: u8) -> Vec<(String, Vec<u8>)> {
    let luma: Vec<u8> = rgb.chunks(3).map(|pixel| pixel[1]).collect();
    let mut files = Vec::new();
    for restart in [0, 1, 7, 1_000] {
        for subsampling in [
            None,
            Some(Subsampling::S444),
            Some(Subsampling::S422),
            Some(Subsampling::S420),
            Some(Subsampling::S440),
        ] {
            let encoder = match subsampling {
                None => Encoder::new(&luma, width, height, PixelFormat::Grayscale),
                Some(of) => Encoder::new(rgb, width, height, PixelFormat::Rgb).subsampling(of),
            };
            let encoder = encoder.quality(quality).restart_blocks(restart);
            let what = format!("{width} x {height}, {subsampling:?}, {restart}, {quality}");
            files.push((what, encoder.encode().unwrap()));
        }
    }
    files
}

#[test]
fn dbg_near() {
    for (name, file) in SAMPLES {
        for quality in [30, 75, 90, 95, 100] {
            let of_pixels = write(&read(file, PIXELS).unwrap(), quality);
            let is = grey(file, quality);
            let original = read(file, PIXELS).unwrap();
            let (a, b) = (read(&is, PIXELS).unwrap(), read(&of_pixels, PIXELS).unwrap());
            eprintln!("{name} {quality}: {:.2} dB; to the original {:.2}, {:.2}; {} {}", psnr(&a, &b), psnr(&a, &original), psnr(&b, &original), is.len(), of_pixels.len());
        }
    }
    for (which, rgb) in [sample(1, 131, 77), noise(131, 77), sample(1,17,300)].into_iter().enumerate() {
        let (w, h) = [(131, 77), (131, 77), (17, 300)][which];
        for q in [50, 90, 98] {
        for (what, file) in files(&rgb, w, h, q).into_iter().skip(5).take(4) {
            for quality in [30, 75, 90, 95, 100] {
                let of_pixels = write(&read(&file, PIXELS).unwrap(), quality);
                let is = grey(&file, quality);
                let original = read(&file, PIXELS).unwrap();
                let (a, b) = (read(&is, PIXELS).unwrap(), read(&of_pixels, PIXELS).unwrap());
                eprintln!("{which} {what} {quality}: {:.2} dB; to the original {:.2}, {:.2}; {} {}", psnr(&a, &b), psnr(&a, &original), psnr(&b, &original), is.len(), of_pixels.len());
            }
        }}
    }
}
