//! Thousands of damaged photos: each is decoded or refused, without a panic or a hang.

use std::io::Cursor;
use std::ops::Range;

use image::ImageFormat;
use imgproc::codec::{Limits, Need, Photo, decode, open, probe};
use imgproc::samples::SAMPLES;
use libjpeg_turbo_rs::{Encoder, PixelFormat};
use proptest::prelude::*;

use crate::formats::gif;
use crate::kinds::kinds;

const LIMITS: Limits = Limits {
    max_pixels: 4_000_000,
};

/// The samples, small enough for thousands of tries, in each format.
fn small() -> Vec<(ImageFormat, Vec<u8>)> {
    let formats = [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Tiff,
        ImageFormat::Bmp,
    ];
    let mut small = Vec::new();
    for (_, bytes) in SAMPLES {
        let image = image::load_from_memory(bytes)
            .unwrap()
            .thumbnail(64, 64)
            .into_rgb8();
        for format in formats {
            let mut file = Cursor::new(Vec::new());
            image.write_to(&mut file, format).unwrap();
            small.push((format, file.into_inner()));
        }
    }
    small
}

/// TIFFs of all kinds, and a GIF.
fn others() -> Vec<(ImageFormat, Vec<u8>)> {
    let files = kinds().into_iter().map(|kind| kind.1);
    let tiffs = files.map(|file| (ImageFormat::Tiff, file));
    tiffs.chain([(ImageFormat::Gif, gif(None))]).collect()
}

fn check(bytes: &[u8], luma: bool) -> Option<Photo> {
    let _ = probe(bytes, LIMITS);
    let whole = |photo: &Photo| photo.pixels.len() == photo.width * photo.height * photo.channels;
    let planes = Need {
        planes: true,
        ..Need::default()
    };
    let planes = open(bytes, LIMITS).and_then(|open| open.decode(planes, Vec::new()));
    if let Ok(photo) = planes {
        assert!(whole(&photo) && photo.colours.iter().all(whole));
    }
    let photo = decode(bytes, luma, LIMITS, Vec::new()).ok()?;
    assert!(whole(&photo));
    Some(photo)
}

#[test]
fn undamaged_they_are_all_read() {
    for (format, bytes) in small() {
        assert!(check(&bytes, false).is_some(), "{format:?}");
    }
}

#[test]
fn cut_anywhere_a_jpeg_is_never_a_photo() {
    for (format, bytes) in small() {
        if format == ImageFormat::Jpeg {
            for length in 0..bytes.len() {
                assert!(check(&bytes[..length], false).is_none(), "{length} bytes");
            }
        }
    }
}

/// Of a scan, the number of channels, the name of the first one, and the place of the data.
type Scan = (u8, u8, Range<usize>);

/// Returns a progressive JPEG, and its scans.
fn progressive() -> (Vec<u8>, Vec<Scan>) {
    let (width, height) = (64, 48);
    let value = |i: usize| (i * i % 251) as u8;
    let pixels: Vec<u8> = (0..width * height * 3).map(value).collect();
    let encoder = Encoder::new(&pixels, width, height, PixelFormat::Rgb).progressive(true);
    let file = encoder.encode().unwrap();
    let is_scan = |at: &usize| file[*at..].starts_with(&[0xff, 0xda]);
    let scan = |start: usize| {
        // The length, the number of channels, and the name of the first one.
        let [_, _, _, length, count, name, ..] = file[start..] else {
            unreachable!()
        };
        let data = start + 2 + usize::from(length);
        let is_marker = |two: &[u8]| two[0] == 0xff && two[1] != 0;
        let end = file[data..].windows(2).position(is_marker).unwrap();
        (count, name, data..data + end)
    };
    let scans: Vec<_> = (0..file.len()).filter(is_scan).map(scan).collect();
    (file, scans)
}

/// In a progressive photo most scans are of one channel, and grey needs those of luma alone. Ones
/// are no code of any table.
#[test]
fn a_damaged_scan_of_a_colour_does_not_matter_to_grey() {
    let (file, scans) = progressive();
    let grey = check(&file, true).unwrap();
    let mut of = [0; 4];
    for (_, name, data) in scans.into_iter().filter(|(count, ..)| *count == 1) {
        let mut damaged = file.clone();
        damaged.splice(data.clone(), [0xff, 0].repeat(data.len()));
        assert!(check(&damaged, false).is_none(), "{data:?}");
        let expected = (name > 1).then(|| grey.clone());
        assert!(check(&damaged, true) == expected, "{data:?}");
        of[usize::from(name)] += 1;
    }
    assert_eq!(of, [0, 4, 2, 2], "the usual order of ten scans");
}

/// Later scans only refine a photo, so it looks whole without them.
#[test]
fn a_scan_without_some_of_its_data_is_damage() {
    let (file, scans) = progressive();
    assert_eq!(scans.len(), 10);
    for (count, name, data) in scans {
        for left in [0, data.len() / 2, data.len() - 3] {
            let mut damaged = file.clone();
            // Bytes of 255 keep their zeros.
            let left = left - usize::from(left > 0 && file[data.start + left - 1] == 0xff);
            damaged.drain(data.start + left..data.end);
            assert!(check(&damaged, false).is_none(), "{data:?}, {left}");
            let matters = count > 1 || name == 1;
            assert_eq!(check(&damaged, true).is_none(), matters, "{data:?}, {left}");
        }
    }
}

/// Wherever data are missing from the only scan, the decoder would take zeros for them.
#[test]
fn a_photo_of_one_scan_without_some_of_its_data_is_damage() {
    let pixels = crate::common::sample(60, 44);
    let grey: Vec<u8> = pixels.chunks(3).map(|of| of[1]).collect();
    let small = Need {
        longer_side: Some(50),
        ..Need::default()
    };
    for kind in 0..5 {
        let encoder = match kind {
            4 => Encoder::new(&grey, 60, 44, PixelFormat::Grayscale),
            _ => Encoder::new(&pixels, 60, 44, PixelFormat::Rgb),
        };
        let luma = [(1, 1), (2, 2), (4, 1), (2, 2), (1, 1)][kind];
        let encoder = match kind {
            3 => encoder.restart_rows(1),
            _ => encoder,
        };
        let encoder = match kind {
            4 => encoder,
            _ => encoder.sampling_factors(vec![luma, (1, 1), (1, 1)]),
        };
        let file = encoder.encode().unwrap();
        let [.., 0xff, 0xd9] = file[..] else {
            unreachable!()
        };
        for lost in [2, 9, 60] {
            let mut damaged = file.clone();
            let from = file.len() - 2 - lost - usize::from(file[file.len() - 3 - lost] == 0xff);
            damaged.drain(from..file.len() - 2);
            for luma in [false, true] {
                assert!(check(&damaged, luma).is_none(), "{kind}, {lost}, {luma}");
            }
            let open = open(&damaged, LIMITS).unwrap();
            assert!(open.decode(small, Vec::new()).is_err(), "{kind}, {lost}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn damaged_they_are_answered(
        which in any::<prop::sample::Index>(),
        luma: bool,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        cut in any::<prop::sample::Index>(),
        whole: bool,
    ) {
        let files = FILES.with(Clone::clone);
        let mut bytes = files[which.index(files.len())].1.clone();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(&bytes, luma);
    }

    #[test]
    fn the_samples_themselves_cut_and_flipped(
        which in 0_usize..5,
        at in any::<prop::sample::Index>(),
        value: u8,
        cut: bool,
    ) {
        let mut bytes = SAMPLES[which].1.to_vec();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
            prop_assert!(check(&bytes, true).is_none(), "cut at {at}");
        } else {
            bytes[at] = value;
            check(&bytes, true);
        }
    }

    #[test]
    fn so_is_noise(bytes in prop::collection::vec(any::<u8>(), 0..400), magic in 0_usize..5) {
        let start: &[u8] = [&b"\xff\xd8\xff"[..], b"\x89PNG\r\n\x1a\n", b"RIFF", b"II*\0", b"BM"][magic];
        check(&[start, &bytes].concat(), false);
    }
}

thread_local! {
    static FILES: std::rc::Rc<Vec<(ImageFormat, Vec<u8>)>> = {
        let progressive = vec![(ImageFormat::Jpeg, progressive().0)];
        [small(), others(), progressive].concat().into()
    };
}
