//! JPEGs that become grey JPEGs without pixels: how near they are to those that are made of pixels.

use imgproc::codec::{self, Format, Limits, Need, Part, Photo, Strip};
use imgproc::samples::SAMPLES;
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

use crate::common::{damaged, psnr, sample};

const PIXELS: Need = Need {
    luma: true,
    longer_side: None,
    frequencies: false,
    planes: false,
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

/// Makes a grey JPEG of frequencies, and another of pixels. Returns how near they are to each
/// other, and how near each is to the photo, in decibels.
fn compared(file: &[u8], quality: u8) -> [f64; 3] {
    let photo = read(file, PIXELS).unwrap();
    let (of_pixels, is) = (write(&photo, quality), grey(file, quality));
    let header = |file: &[u8]| {
        let scan = file.windows(2).position(|two| two == [0xff, 0xda]);
        file[..scan.unwrap()].to_vec()
    };
    assert!(header(&is) == header(&of_pixels), "another header");
    let [of_pixels, is] = [of_pixels, is].map(|file| read(&file, PIXELS).unwrap());
    assert_eq!((is.channels, of_pixels.channels), (1, 1));
    [
        psnr(&is, &of_pixels),
        psnr(&is, &photo),
        psnr(&of_pixels, &photo),
    ]
}

const QUALITIES: [u8; 6] = [1, 30, 75, 90, 95, 100];

/// Where a coefficient is right between two steps of a low quality, the rounding of pixels decides
/// by chance, and here it is always the larger one. So there the results differ most.
#[test]
fn the_samples_are_near_those_made_of_pixels() {
    for (name, file) in SAMPLES {
        for quality in QUALITIES {
            let [near, own, other] = compared(file, quality);
            let least = if quality < 75 { 43.0 } else { 45.0 };
            assert!(near >= least, "{name}, {quality}: {near:.1} dB");
            assert!(own >= other - 1.0, "{name}, {quality}: {own:.1} dB");
        }
    }
}

/// Noise is far from itself after any loss, and some of its values are none of a byte. So what
/// counts is that no more is lost than with pixels.
#[test]
fn no_more_is_lost_than_with_pixels() {
    for (width, height) in [(131, 77), (16, 300), (130, 299), (1, 1)] {
        for rgb in [sample(width, height), noise(width, height)] {
            for before in [50, 90, 98] {
                let files = files(&rgb, width, height, before);
                let colours = grey(&files[1].1, 90);
                for (what, file) in files {
                    // Where two rows share a colour, the decoder gives colours.
                    if what.contains("S440") {
                        assert!(grey(&file, 90) == colours, "{what}");
                        continue;
                    }
                    for quality in QUALITIES {
                        let [_, own, other] = compared(&file, quality);
                        let least = other.min(50.0) - 0.2;
                        assert!(own >= least, "{what}, {quality}: {own:.1} dB, {other:.1}");
                    }
                }
            }
        }
    }
}

/// With the file's own table nothing is rounded.
#[test]
fn with_the_same_table_the_coefficients_are_the_same() {
    for rgb in [sample(131, 277), noise(131, 277)] {
        for quality in [30, 75, 90, 100] {
            for (what, file) in files(&rgb, 131, 277, quality) {
                let once = grey(&file, quality);
                let [before, after] = [&file, &once].map(|file| read(file, PIXELS).unwrap());
                // Where two rows share a colour, the decoder gives colours.
                let is_same = before.channels > 1 || before.pixels == after.pixels;
                assert!(is_same, "{what}");
                assert!(grey(&once, quality) == once, "{what}: again");
            }
        }
    }
}

/// Workers may decode parts, where a file has markers.
#[test]
fn the_parts_are_the_whole() {
    let (width, height) = (130, 299);
    let mut with_parts = 0;
    for (what, file) in files(&sample(width, height), width, height, 90) {
        for workers in [2, 3, 40] {
            let open = codec::open(&file, Limits::default()).unwrap();
            // Memory of another photo.
            let mut memory = vec![77; 1 << 20];
            let parts = open.parts(FREQUENCIES, workers, &mut memory);
            assert!(parts.len() != 1 && parts.len() <= workers, "{what}");
            if parts.is_empty() {
                continue;
            }
            with_parts += 1;
            let places: Result<Vec<_>, _> = parts.into_iter().map(Part::decode).collect();
            let photo = open.decoded(FREQUENCIES, memory, &places.unwrap()).unwrap();
            assert!(photo == read(&file, FREQUENCIES).unwrap(), "{what}");
        }
    }
    assert!(with_parts > 20, "{with_parts}");
}

/// What is not read so is decoded to pixels.
#[test]
fn other_kinds_have_pixels() {
    let (width, height) = (130, 90);
    let rgb = sample(width, height);
    let usual = || Encoder::new(&rgb, width, height, PixelFormat::Rgb);
    let turned = |orientation| {
        let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        usual().exif_data(&exif).encode().unwrap()
    };
    let unusual = usual().sampling_factors(vec![(4, 1), (1, 1), (1, 1)]);
    compared(&turned(1), 90);
    for (what, file, is_read) in [
        ("usual", usual().encode().unwrap(), true),
        ("upright", turned(1), true),
        ("turned", turned(6), false),
        (
            "progressive",
            usual().progressive(true).encode().unwrap(),
            false,
        ),
        ("sampled like no camera", unusual.encode().unwrap(), false),
    ] {
        let photo = read(&file, FREQUENCIES).unwrap();
        assert_eq!(photo.frequencies.is_some(), is_read, "{what}");
        assert_eq!(photo.pixels.is_empty(), is_read, "{what}");
    }
    let mut rgba: Vec<u8> = rgb
        .chunks(3)
        .flat_map(|of| [of[0], of[1], of[2], 255])
        .collect();
    let cmyk = Encoder::new(&rgba, width, height, PixelFormat::Cmyk);
    let photo = read(&cmyk.encode().unwrap(), FREQUENCIES);
    assert!(photo.unwrap().frequencies.is_none());
    // A single channel has no units of several blocks, whatever its factors are.
    rgba.truncate(width * height);
    let single = Encoder::new(&rgba, width, height, PixelFormat::Grayscale).quality(90);
    let mut file = single.encode().unwrap();
    let frame = file.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    assert_eq!(file[frame + 11], 0x11);
    file[frame + 11] = 0x22;
    let [before, after] = [&file, &grey(&file, 90)].map(|file| read(file, PIXELS).unwrap());
    assert!(before.pixels == after.pixels);
}

/// Wherever a byte is wrong or missing: what the decoder of pixels refuses is refused, and all else
/// is the same picture.
#[test]
fn damaged_files_are_refused_or_the_same() {
    let (width, height) = (100, 120);
    let rgb = sample(width, height);
    let (mut with_pixels, mut refused, mut same) = (0, 0, 0);
    for (subsampling, restart) in [(Subsampling::S420, 0), (Subsampling::S444, 5)] {
        let encoder = Encoder::new(&rgb, width, height, PixelFormat::Rgb).subsampling(subsampling);
        let encoder = encoder.restart_blocks(restart).quality(90);
        let file = encoder.encode().unwrap();
        let scan = file.windows(2).position(|two| two == [0xff, 0xda]).unwrap();
        let mut compare = |damaged: &[u8], at: usize, what: String| {
            let expected = read(damaged, PIXELS);
            match (read(damaged, FREQUENCIES), expected) {
                (Err(is), Err(expected)) => {
                    assert_eq!(format!("{is:#}"), format!("{expected:#}"), "{what}");
                    refused += 1;
                }
                (Ok(is), Ok(expected)) if is.frequencies.is_none() => {
                    assert!(is == expected, "{what}");
                    with_pixels += 1;
                }
                (Ok(is), Ok(expected)) => {
                    // With the same table. In the header it may be the table that is damaged.
                    let is = read(&write(&is, 90), PIXELS).unwrap();
                    assert!(at < scan || is.pixels == expected.pixels, "{what}");
                    same += 1;
                }
                (is, expected) => panic!("{what}: {:?}, {:?}", is.err(), expected.err()),
            }
        };
        for (at, what, damaged) in damaged(&file, 5) {
            compare(&damaged, at, format!("{restart}, {what}"));
        }
    }
    let counts = [with_pixels, refused, same];
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}
