//! Thousands of damaged photos: each is decoded or refused, without a panic or a hang.

use std::io::Cursor;
use std::ops::Range;

use image::ImageFormat;
use imgproc::codec::{Limits, Need, Part, Photo, decode, open, probe};
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

/// Returns JPEGs of one scan, of all kinds that are decoded in different ways. The fourth has
/// restart markers.
fn of_one_scan() -> Vec<Vec<u8>> {
    let pixels = crate::common::sample(60, 44);
    let colour = |luma| {
        let encoder = Encoder::new(&pixels, 60, 44, PixelFormat::Rgb);
        encoder.sampling_factors(vec![luma, (1, 1), (1, 1)])
    };
    let grey: Vec<u8> = pixels.chunks(3).map(|of| of[1]).collect();
    let encoders = [
        colour((1, 1)),
        colour((2, 2)),
        colour((4, 1)),
        colour((2, 2)).restart_rows(1),
        Encoder::new(&grey, 60, 44, PixelFormat::Grayscale),
    ];
    encoders.map(|encoder| encoder.encode().unwrap()).into()
}

const SMALL: Need = Need {
    luma: false,
    longer_side: Some(20),
    frequencies: false,
    planes: false,
};

/// Wherever data are missing from the only scan, the decoder would take zeros for them.
#[test]
fn a_photo_of_one_scan_without_some_of_its_data_is_damage() {
    for (kind, file) in of_one_scan().into_iter().enumerate() {
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
            assert!(open.decode(SMALL, Vec::new()).is_err(), "{kind}, {lost}");
        }
    }
}

/// A damaged code can make one block of two. Then there are bytes left when all blocks are there.
#[test]
fn bytes_that_belong_to_no_block_are_told() {
    let needs = [
        Need::default(),
        Need {
            luma: true,
            ..Need::default()
        },
        Need {
            luma: true,
            frequencies: true,
            ..Need::default()
        },
        Need {
            planes: true,
            ..Need::default()
        },
        SMALL,
    ];
    let (refined, _) = progressive();
    let files = of_one_scan().into_iter().chain([refined]);
    for (kind, file) in files.enumerate() {
        let mut damaged = file.clone();
        let end = file.len() - 2;
        damaged.splice(end..end, [1, 2, 3]);
        for need in needs {
            let read = |file| open(file, LIMITS).unwrap().decode(need, Vec::new());
            let (expected, mut photo) = (read(&file).unwrap(), read(&damaged).unwrap());
            let told = photo.metadata.left_out.take().unwrap_or_default();
            assert!(told.starts_with("3 bytes "), "{kind}, {need:?}: {told:?}");
            assert_eq!(expected.metadata.left_out, None);
            // Then all is decoded to pixels, whatever else would do, by a decoder that rounds
            // otherwise.
            if expected.frequencies.is_none() && expected.colours.is_empty() {
                assert_eq!(photo.pixels.len(), expected.pixels.len());
                let mut both = photo.pixels.iter().zip(&expected.pixels);
                assert!(
                    both.all(|(is, was)| is.abs_diff(*was) < 4),
                    "{kind}, {need:?}"
                );
            }
            let (opened, mut memory) = (open(&damaged, LIMITS).unwrap(), Vec::new());
            let parts = opened.parts(need, 2, &mut memory).into_iter();
            let decoded = parts.map(Part::decode).collect::<Vec<_>>();
            let failed = decoded.iter().filter(|part| part.is_err()).count();
            assert_eq!(failed, decoded.len().min(1), "{kind}, {need:?}");
            assert!(kind != 3 || need.longer_side.is_some() || failed > 0);
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
