//! Photos for the tests: the real samples, and files that are wrong in a known way.

use std::fs;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbaImage};
use imgproc::codec::{self, Limits, Photo};
use imgproc::filter::Filter;
use imgproc::samples::SAMPLES;
use imgproc::{Job, Settings, Strategy, files};
use indicatif::ProgressBar;

/// Writes the five samples to a folder and returns it.
pub fn samples(folder: &Path) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    for (name, bytes) in SAMPLES {
        fs::write(folder.join(name).with_extension("jpg"), bytes).unwrap();
    }
    folder.to_path_buf()
}

/// Returns the pixels of a sample, cut to a size, in three channels.
pub fn sample(width: usize, height: usize) -> Vec<u8> {
    let (_, bytes) = SAMPLES[1];
    let photo = codec::decode(bytes, false, Limits::default(), Vec::new()).unwrap();
    let rows = photo.pixels.chunks(photo.stride()).take(height);
    rows.flat_map(|row| &row[..3 * width]).copied().collect()
}

/// The peak signal-to-noise ratio of two photos, in decibels.
pub fn psnr(a: &Photo, b: &Photo) -> f64 {
    assert_eq!(
        (a.width, a.height, a.channels),
        (b.width, b.height, b.channels)
    );
    let square = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    let error: f64 = a.pixels.iter().zip(&b.pixels).map(square).sum();
    10.0 * (255.0 * 255.0 * a.pixels.len() as f64 / error.max(1e-9)).log10()
}

/// Returns the file with one byte that is wrong in one of four ways, or missing, each with its
/// place and a description: for every so many bytes.
pub fn damaged(file: &[u8], step: usize) -> impl Iterator<Item = (usize, String, Vec<u8>)> {
    (0..file.len()).step_by(step).flat_map(move |at| {
        let wrong = [0, 0xff, file[at] ^ 0x10, file[at] ^ 1].map(|value| {
            let mut damaged = file.to_vec();
            damaged[at] = value;
            (at, format!("{at} is {value}"), damaged)
        });
        let lost = [&file[..at], &file[at + 1..]].concat();
        wrong
            .into_iter()
            .chain([(at, format!("without {at}"), lost)])
    })
}

/// Adds photos of other shapes and formats: alpha, 16 bits, grey, a single pixel, a thin strip,
/// several bands high.
pub fn odd_ones(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let colour = image::load_from_memory(SAMPLES[1].1).unwrap();
    // Larger than a thumbnail, and with a band that has no hole.
    let alpha = RgbaImage::from_fn(161, 343, |x, y| {
        let alpha = if y < 150 { 255 } else { x * y };
        image::Rgba([x as u8, y as u8, 90, alpha as u8])
    });
    let save = |name: &str, image: DynamicImage| image.save(folder.join(name)).unwrap();
    save("alpha.png", alpha.clone().into());
    save("alpha.webp", alpha.into());
    save("deep.png", colour.to_rgb16().into());
    save("grey.tiff", colour.to_luma8().into());
    save("plain.bmp", colour.to_rgb8().into());
    save("grey.jpg", colour.to_luma8().into());
    save("dot.jpg", DynamicImage::new_rgb8(1, 1));
    save("strip.jpg", DynamicImage::new_rgb8(700, 3));
    let tall = colour.resize_exact(90, 1_100, image::imageops::FilterType::Triangle);
    save("tall.jpg", tall);
}

/// Files that are no photos, or damaged ones: the name, the bytes, and a part of the error.
pub fn bad_ones() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let (_, jpeg) = SAMPLES[0];
    let mut png = Vec::new();
    let colour = image::load_from_memory(SAMPLES[1].1).unwrap().to_rgb8();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(
            &colour,
            colour.width(),
            colour.height(),
            ExtendedColorType::Rgb8,
        )
        .unwrap();
    vec![
        ("cut.jpg", jpeg[..jpeg.len() / 2].to_vec(), "cut short"),
        ("no-end.jpg", jpeg[..jpeg.len() - 2].to_vec(), "cut short"),
        ("header-only.jpg", jpeg[..40].to_vec(), "JPEG"),
        (
            "cut.png",
            png[..png.len() / 2].to_vec(),
            "the PNG is cut short",
        ),
        (
            "text.jpg",
            b"Dear diary, today I was a photo.".to_vec(),
            "not a photo",
        ),
        ("empty.jpg", Vec::new(), "the file is empty"),
        ("bomb.png", bomb(&png), "60000 x 60000 is 3600 megapixels"),
    ]
}

/// Returns the PNG with a header that claims 60 000 x 60 000 pixels.
fn bomb(png: &[u8]) -> Vec<u8> {
    let mut png = png.to_vec();
    // Signature (8), length and type (8), then width and height; the check sum covers type and
    // data.
    png[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let crc = png[12..29].iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    });
    png[29..33].copy_from_slice(&(!crc).to_be_bytes());
    png
}

/// A job for all that lies in `input`.
pub fn job(input: &Path, output: &Path, filter: Filter, workers: usize) -> Job {
    let photos = files::find(&[input.to_path_buf()], output);
    assert_eq!(photos.failures, []);
    let (tasks, refused) = files::place(&photos.found, output, None);
    assert_eq!(refused, []);
    Job {
        tasks,
        settings: Settings::new(filter),
        workers,
        program: env!("CARGO_BIN_EXE_imgproc").into(),
        stop: Default::default(),
        progress: ProgressBar::hidden(),
        on_outcome: None,
    }
}

/// Every strategy that needs nothing but the program. Those that `mpirun` must start have tests of
/// their own.
pub fn strategies() -> &'static [Strategy] {
    &Strategy::IN_TURN
}

/// Returns all files below a folder, also hidden ones, with their contents.
pub fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    entries
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let relative = entry.path().strip_prefix(folder).unwrap().to_path_buf();
            (relative, fs::read(entry.path()).unwrap())
        })
        .collect()
}
