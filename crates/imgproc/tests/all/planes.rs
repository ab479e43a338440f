//! JPEGs that are blurred in luma and colours, without red, green and blue: how near the results
//! are to those of pixels.

use imgproc::codec::{self, Format, Limits, Need, Photo, Strip};
use imgproc::filter::{Blur, Filter};
use imgproc::samples::SAMPLES;
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

use crate::common::{damaged, psnr, sample};

fn read(file: &[u8], need: Need) -> anyhow::Result<Photo> {
    codec::open(file, Limits::default())?.decode(need, Vec::new())
}

/// Blurs a photo that was read as `need` says, writes it, and reads the pixels of the result.
fn blurred(file: &[u8], sigma: f64, need: Need) -> Photo {
    let (filter, photo) = (Filter::Blur(Blur { sigma }), read(file, need).unwrap());
    let mut canvas = filter.canvas(&photo, Vec::new());
    let plans = filter.plans(&photo);
    for (picture, rows, out) in canvas.bands_mut() {
        plans[picture](rows, out);
    }
    let file = codec::encode(&canvas, Format::Jpeg, 95, Strip::Nothing, Vec::new()).unwrap();
    read(&file, Need::default()).unwrap()
}

/// How near the two results are to each other, in decibels.
fn compared(file: &[u8], sigma: f64) -> f64 {
    let need = Filter::Blur(Blur { sigma }).need(Format::Jpeg);
    assert!(!read(file, need).unwrap().colours.is_empty());
    let [is, expected] = [need, Need::default()].map(|need| blurred(file, sigma, need));
    psnr(&is, &expected)
}

/// What is hardly blurred differs most: the colours of pixels were enlarged and shrunk again, which
/// blurs them, too.
#[test]
fn the_samples_are_near_those_made_of_pixels() {
    for (name, file) in SAMPLES {
        for (sigma, least) in [(0.7, 43.0), (2.0, 45.0), (5.0, 45.0), (40.0, 45.0)] {
            let near = compared(file, sigma);
            assert!(near >= least, "{name}, {sigma}: {near:.1} dB");
        }
    }
}

/// Each sampling, with sides that are no whole number of units, of blocks or of pairs of pixels,
/// and turned.
#[test]
fn so_are_other_samplings_and_sizes() {
    for (width, height) in [(131, 277), (130, 140), (16, 300), (1, 1), (3, 2)] {
        let rgb = sample(width, height);
        for subsampling in [
            Subsampling::S444,
            Subsampling::S422,
            Subsampling::S420,
            Subsampling::S440,
        ] {
            for orientation in 1..=8 {
                if orientation > 1 && (width, height) != (130, 140) {
                    continue;
                }
                let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
                exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
                let encoder = Encoder::new(&rgb, width, height, PixelFormat::Rgb);
                let encoder = encoder.subsampling(subsampling).exif_data(&exif);
                let near = compared(&encoder.quality(95).encode().unwrap(), 3.0);
                let what = format!("{width} x {height}, {subsampling:?}, {orientation}");
                assert!(near >= 45.0, "{what}: {near:.1} dB");
            }
        }
    }
}

/// The header and the metadata are those of the encoder of pixels, and no more is lost.
#[test]
fn a_file_of_planes_is_a_file_of_pixels() {
    for (name, file) in SAMPLES {
        for quality in [1, 30, 90, 100] {
            let photo = read(file, Need::default()).unwrap();
            let expected = encoded(&photo, quality);
            let planes = Filter::Blur(Blur { sigma: 5.0 }).need(Format::Jpeg);
            let planes = read(file, planes).unwrap();
            assert_eq!(planes.metadata, photo.metadata, "{name}");
            let is = encoded(&planes, quality);
            let header = |file: &[u8]| {
                let scan = file.windows(2).position(|two| two == [0xff, 0xda]);
                file[..scan.unwrap() + 14].to_vec()
            };
            assert!(header(&is) == header(&expected), "{name}, {quality}");
            let [is, expected] = [is, expected].map(|file| read(&file, Need::default()).unwrap());
            let [near, far] = [&is, &expected].map(|of| psnr(of, &photo));
            assert!(
                near >= far - 0.2,
                "{name}, {quality}: {near:.1}, {far:.1} dB"
            );
        }
    }
}

fn encoded(photo: &Photo, quality: u8) -> Vec<u8> {
    codec::encode(photo, Format::Jpeg, quality, Strip::Nothing, Vec::new()).unwrap()
}

#[test]
fn other_kinds_have_pixels() {
    let (width, height) = (130, 91);
    let rgb = sample(width, height);
    let usual = || Encoder::new(&rgb, width, height, PixelFormat::Rgb);
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([6, 0, 0, 0, 0, 0, 0, 0]);
    let rare = usual().sampling_factors(vec![(4, 1), (1, 1), (1, 1)]);
    let grey = Encoder::new(
        &rgb[..width * height],
        width,
        height,
        PixelFormat::Grayscale,
    );
    let need = Filter::Blur(Blur { sigma: 5.0 }).need(Format::Jpeg);
    assert!(!Filter::Blur(Blur { sigma: 5.0 }).need(Format::Png).planes);
    for (what, encoder, is_read) in [
        ("usual", usual(), true),
        ("turned, with an odd side", usual().exif_data(&exif), false),
        ("progressive", usual().progressive(true), false),
        ("sampled like no camera", rare, false),
        ("grey", grey, false),
    ] {
        let photo = read(&encoder.encode().unwrap(), need).unwrap();
        assert_eq!(photo.colours.len(), if is_read { 2 } else { 0 }, "{what}");
    }
}

/// Wherever a byte is wrong or missing: what the decoder of pixels refuses is refused, and all else
/// is nearly the same picture.
#[test]
fn damaged_files_are_refused_or_the_same() {
    let (width, height) = (100, 120);
    let rgb = sample(width, height);
    let need = Filter::Blur(Blur { sigma: 5.0 }).need(Format::Jpeg);
    let (mut refused, mut same) = (0, 0);
    for (subsampling, restart) in [(Subsampling::S420, 0), (Subsampling::S444, 5)] {
        let encoder = Encoder::new(&rgb, width, height, PixelFormat::Rgb).subsampling(subsampling);
        let file = encoder
            .restart_blocks(restart)
            .quality(90)
            .encode()
            .unwrap();
        let scan = file.windows(2).position(|two| two == [0xff, 0xda]).unwrap();
        let mut compare = |damaged: &[u8], at: usize, what: String| match (
            read(damaged, need),
            read(damaged, Need::default()),
        ) {
            (Err(is), Err(expected)) => {
                assert_eq!(format!("{is:#}"), format!("{expected:#}"), "{what}");
                refused += 1;
            }
            (Ok(is), Ok(expected)) => {
                if is.colours.is_empty() {
                    assert!(is == expected, "{what}");
                } else {
                    // Both with colours at half the size.
                    let [is, expected] = [&is, &expected].map(|photo| encoded(photo, 100));
                    let [is, expected] =
                        [is, expected].map(|file| read(&file, Need::default()).unwrap());
                    let near = psnr(&is, &expected);
                    // Garbage has values beyond 0 and 255, which are cut off in other places. In
                    // the header it may be the divisors that are damaged.
                    assert!(at < scan || near >= 28.0, "{what}: {near:.1} dB");
                }
                same += 1;
            }
            (is, expected) => panic!("{what}: {:?}, {:?}", is.err(), expected.err()),
        };
        for (at, what, damaged) in damaged(&file, 5) {
            compare(&damaged, at, format!("{restart}, {what}"));
        }
    }
    assert!(refused > 100 && same > 100, "{refused}, {same}");
}
