//! What becomes of a photo's orientation, metadata and transparency.

use std::fs;
use timing::limit::InTime;

use image::{ImageDecoder, ImageReader};
use imgproc::codec::{Limits, decode};

use crate::cli::{ended, imgproc};

/// A JPEG that is 30 pixels wide and 20 high, half red and half blue, with this metadata.
fn jpeg_with(exif: &[u8], icc: &[u8]) -> Vec<u8> {
    let pixels: Vec<u8> = (0..600)
        .flat_map(|i| {
            if i % 30 < 15 {
                [250, 0, 0]
            } else {
                [0, 0, 250]
            }
        })
        .collect();
    libjpeg_turbo_rs::Encoder::new(&pixels, 30, 20, libjpeg_turbo_rs::PixelFormat::Rgb)
        .quality(95)
        .exif_data(exif)
        .icc_profile(icc)
        .encode()
        .unwrap()
}

/// A minimal EXIF block whose only entry is this orientation.
pub fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend([
        0x12,
        0x01,
        3,
        0,
        1,
        0,
        0,
        0,
        orientation,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ]);
    exif
}

/// A chunk of a PNG.
pub fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(data);
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], kind, data, &sum.sum().to_be_bytes()].concat()
}

#[test]
fn orientation_is_applied_and_metadata_kept_or_stripped() {
    let folder = tempfile::tempdir().unwrap();
    let mut icc = vec![0_u8; 200];
    icc[16..20].copy_from_slice(b"RGB ");
    // 6: to be turned a quarter clockwise, so red comes to the top.
    fs::write(folder.path().join("turned.jpg"), jpeg_with(&exif(6), &icc)).unwrap();
    let run = |output: &str, filter: &str, more: &[&str]| {
        let mut command = imgproc(folder.path());
        command
            .args(["-i", "turned.jpg", "-o", output, "--filter", filter])
            .args(more);
        ended(command.output_in_time(), 0);
    };
    run("kept", "invert", &[]);
    run("png", "invert", &["--format", "png"]);
    run("stripped", "invert", &["--strip"]);
    run("coloured", "invert", &["--strip=keep-icc"]);
    run("grey", "grey", &[]);
    let read = |path: &str| {
        let reader = ImageReader::open(folder.path().join(path)).unwrap();
        let mut decoder = reader.into_decoder().unwrap();
        let exif = decoder.exif_metadata().unwrap();
        (decoder.dimensions(), exif, decoder.icc_profile().unwrap())
    };
    for path in ["kept/turned.jpg", "png/turned.png"] {
        assert_eq!(
            read(path),
            ((20, 30), Some(exif(1)), Some(icc.clone())),
            "{path}"
        );
    }
    assert_eq!(read("stripped/turned.jpg"), ((20, 30), None, None));
    let coloured = read("coloured/turned.jpg");
    assert_eq!(coloured, ((20, 30), None, Some(icc)));
    // An RGB profile on a grey picture would be wrong.
    assert_eq!(read("grey/turned.jpg"), ((20, 30), Some(exif(1)), None));
    let turned = image::open(folder.path().join("kept/turned.jpg"))
        .unwrap()
        .into_rgb8();
    let cyan = turned.get_pixel(10, 2).0;
    assert!(
        cyan[0] < 60 && cyan[2] > 200,
        "red at the top, inverted: {cyan:?}"
    );
}

#[test]
fn transparent_becomes_white_in_a_jpeg() {
    let folder = tempfile::tempdir().unwrap();
    let clear = image::RgbaImage::from_pixel(32, 32, image::Rgba([9, 9, 9, 0]));
    clear.save(folder.path().join("clear.png")).unwrap();
    let mut command = imgproc(folder.path());
    command.args(["-i", "clear.png", "-o", "out", "--format", "jpeg"]);
    ended(command.output_in_time(), 0);
    let flat = image::open(folder.path().join("out/clear.jpg"))
        .unwrap()
        .into_luma8();
    assert!(flat.pixels().all(|pixel| pixel.0[0] > 250));
}

/// A program that edits metadata wrote the orientation as a signed number of 32 bits.
#[test]
fn an_orientation_may_be_a_signed_number() {
    const KIND: usize = 12;
    let read = |exif: &[u8]| {
        let jpeg = jpeg_with(exif, &[]);
        decode(&jpeg, false, Limits::default(), Vec::new()).unwrap()
    };
    let expected = read(&exif(6));
    assert_eq!((expected.width, expected.height), (20, 30));
    for kind in [6, 8, 9] {
        let mut signed = exif(6);
        signed[KIND] = kind;
        assert!(read(&signed) == expected, "{kind}");
        // And -1 is no orientation.
        signed[KIND + 6..KIND + 10].fill(0xff);
        assert_eq!(read(&signed).width, 30, "{kind}");
    }
}
