//! What the channels of a JPEG are, of which segments and names say different things.

use imgproc::codec::{Photo, decode};
use imgproc::samples::SAMPLES;
use libjpeg_turbo_rs::{Encoder, PixelFormat};

use crate::common::{psnr, sample};
use crate::rare::{LIMITS, read};

const JFIF: &[u8] = b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";

fn luma(file: &[u8]) -> Photo {
    decode(file, true, LIMITS, Vec::new()).unwrap()
}

/// Returns the file without the segments that say what its channels are.
fn bare(file: &[u8]) -> Vec<u8> {
    let (mut bare, mut at) = (file[..2].to_vec(), 2);
    while file[at + 1] != 0xda {
        let end = at + 2 + usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        if !matches!(file[at + 1], 0xe0 | 0xee) {
            bare.extend_from_slice(&file[at..end]);
        }
        at = end;
    }
    bare.extend_from_slice(&file[at..]);
    bare
}

/// Returns the bare file with these segments, and a transform in one of Adobe's.
fn with(segments: &[u8], transform: Option<u8>, bare: &[u8]) -> Vec<u8> {
    let adobe = transform.map(|of| [&b"\xff\xee\0\x0eAdobe\0d\0\0\0\0"[..], &[of]].concat());
    let adobe = adobe.unwrap_or_default();
    [&bare[..2], &adobe, segments, &bare[2..]].concat()
}

/// Returns the file with other names of its three channels.
fn named(names: [u8; 3], file: &[u8]) -> Vec<u8> {
    let at = |kind: u8| file.windows(2).position(|of| of == [0xff, kind]).unwrap();
    let (frame, scan, mut file) = (at(0xc0), at(0xda), file.to_vec());
    for (channel, name) in names.into_iter().enumerate() {
        file[frame + 10 + 3 * channel] = name;
        file[scan + 5 + 2 * channel] = name;
    }
    file
}

#[test]
fn a_jfif_header_means_luma_and_chroma() {
    let (_, jpeg) = SAMPLES[1];
    let (expected, grey, bare) = (read(jpeg), luma(jpeg), bare(jpeg));
    for transform in [None, Some(0), Some(1), Some(2), Some(9)] {
        for names in [*b"\x01\x02\x03", *b"RGB", *b"\0\x01\x02"] {
            let file = named(names, &with(JFIF, transform, &bare));
            let what = format!("{transform:?}, {names:?}");
            assert!(psnr(&read(&file), &expected) > 45.0, "{what}");
            assert!(luma(&file) == grey, "{what}");
        }
    }
}

#[test]
fn without_one_adobe_decides_and_then_the_names() {
    let (_, jpeg) = SAMPLES[1];
    let (expected, grey, bare) = (read(jpeg), luma(jpeg), bare(jpeg));
    for transform in [Some(1), Some(2), Some(9), None] {
        for names in [*b"\x01\x02\x03", *b"RGB"] {
            let file = named(names, &with(&[], transform, &bare));
            let is_rgb = transform.is_none() && names == *b"RGB";
            let is_same = psnr(&read(&file), &expected) > 45.0 && luma(&file) == grey;
            assert_eq!(is_same, !is_rgb, "{transform:?}, {names:?}");
        }
    }
    // Then luma is red.
    let rgb = read(&with(&[], Some(0), &bare));
    let mut pairs = rgb.pixels.chunks(3).zip(&grey.pixels);
    assert!(pairs.all(|(rgb, luma)| rgb[0].abs_diff(*luma) < 3));
}

#[test]
fn of_a_grey_photo_no_transform_matters() {
    let pixels: Vec<u8> = (0..32 * 24).map(|i| (i / 4) as u8).collect();
    let encoder = Encoder::new(&pixels, 32, 24, PixelFormat::Grayscale);
    let file = encoder.encode().unwrap();
    for transform in [0, 1, 2, 9] {
        let photo = read(&with(&[], Some(transform), &bare(&file)));
        assert!(photo.pixels == read(&file).pixels, "{transform}");
    }
}

/// Inks are light: what they leave of it is multiplied by what black leaves.
fn light(inks: &[u8]) -> Vec<u8> {
    let each = inks.chunks(4).flat_map(|ink| {
        let black = u16::from(ink[3]);
        [0, 1, 2].map(|at| ((u16::from(ink[at]) * black + 127) / 255) as u8)
    });
    each.collect()
}

#[test]
fn inks_of_all_kinds_are_read() {
    for (width, height) in [(45, 37), (7, 20), (16, 9)] {
        let rgb = sample(width, height);
        let pixels = rgb
            .chunks(3)
            .zip((0..).map(|i: usize| 200 + (i / 40 % 50) as u8));
        let inks: Vec<u8> = pixels
            .flat_map(|(rgb, black)| [rgb[0], rgb[1], rgb[2], black])
            .collect();
        let expected = Photo {
            width,
            height,
            channels: 3,
            pixels: light(&inks),
            ..Photo::default()
        };
        for black in [(1, 1), (2, 2)] {
            for kind in 0..3 {
                let encoder = Encoder::new(&inks, width, height, PixelFormat::Cmyk)
                    .quality(98)
                    .sampling_factors(vec![(2, 2), (1, 1), (1, 1), black])
                    .progressive(kind == 1)
                    .arithmetic(kind == 2);
                let file = encoder.encode().unwrap();
                let near = psnr(&read(&file), &expected);
                assert!(near > 30.0, "{width}, {black:?}, {kind}: {near}");
            }
        }
    }
}

#[test]
fn an_unknown_transform_of_four_channels_is_that_of_luma_and_chroma() {
    let (width, height) = (45, 37);
    let inks: Vec<u8> = (0..width * height * 4).map(|i| (i / 16) as u8).collect();
    let encoder = Encoder::new(&inks, width, height, PixelFormat::Cmyk);
    let bare = bare(&encoder.encode().unwrap());
    let expected = read(&with(&[], Some(2), &bare));
    for transform in [1, 3, 9] {
        let photo = read(&with(&[], Some(transform), &bare));
        assert!(photo.pixels == expected.pixels, "{transform}");
    }
    let inks = read(&bare);
    assert!(inks.pixels == read(&with(JFIF, Some(0), &bare)).pixels);
    assert!(psnr(&inks, &expected) < 20.0);
}
