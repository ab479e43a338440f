//! JPEGs whose parts are decoded by themselves, from one restart marker to another.

use imgproc::codec::{self, Limits, Need, Part, Photo};
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

use crate::common::{damaged, sample};

const COLOURS: Need = Need {
    luma: false,
    longer_side: None,
    frequencies: false,
    planes: false,
};
const PLANES: Need = Need {
    planes: true,
    ..COLOURS
};
const LUMA: Need = Need {
    luma: true,
    ..COLOURS
};

fn whole(file: &[u8], need: Need) -> Option<Photo> {
    let open = codec::open(file, Limits::default()).ok()?;
    open.decode(need, Vec::new()).ok()
}

/// Returns the number of parts, and the photo, if there are any and all could be decoded.
fn in_parts(file: &[u8], need: Need, workers: usize) -> (usize, Option<Photo>) {
    let Ok(open) = codec::open(file, Limits::default()) else {
        return (0, None);
    };
    let mut pixels = Vec::new();
    let parts = open.parts(need, workers, &mut pixels);
    let count = parts.len();
    let places: Result<Vec<_>, _> = parts.into_iter().map(Part::decode).collect();
    let places = places.ok().filter(|_| count > 0);
    let photo = places.map(|places| open.decoded(need, pixels, &places).unwrap());
    (count, photo)
}

#[test]
fn the_parts_are_the_whole_byte_for_byte() {
    for (width, height) in [(48, 16), (33, 290), (130, 299), (17, 100)] {
        let rgb = sample(width, height);
        let grey: Vec<u8> = rgb.chunks(3).map(|pixel| pixel[1]).collect();
        for subsampling in [
            None,
            Some(Subsampling::S444),
            Some(Subsampling::S422),
            Some(Subsampling::S420),
            Some(Subsampling::S440),
        ] {
            let encoder = || match subsampling {
                None => Encoder::new(&grey, width, height, PixelFormat::Grayscale),
                Some(of) => Encoder::new(&rgb, width, height, PixelFormat::Rgb).subsampling(of),
            };
            // Of a few blocks, and of one and of three rows of blocks.
            let markers: [fn(Encoder<'_>) -> Encoder<'_>; 5] = [
                |encoder| encoder.restart_blocks(1),
                |encoder| encoder.restart_blocks(4),
                |encoder| encoder.restart_blocks(7),
                |encoder| encoder.restart_rows(1),
                |encoder| encoder.restart_rows(3),
            ];
            for (which, markers) in markers.into_iter().enumerate() {
                let file = markers(encoder()).quality(90).encode().unwrap();
                for (need, workers) in [
                    (COLOURS, 2),
                    (COLOURS, 7),
                    (LUMA, 2),
                    (LUMA, 40),
                    (PLANES, 2),
                    (PLANES, 7),
                ] {
                    let what = format!(
                        "{width} x {height}, {subsampling:?}, markers {which}, {need:?}, {workers}"
                    );
                    let (count, photo) = in_parts(&file, need, workers);
                    assert!(count != 1 && count <= workers, "{what}: {count} parts");
                    assert!(count > 1 || height < 290, "{what}: no parts");
                    if count > 0 {
                        assert!(photo == whole(&file, need), "{what}");
                    }
                }
                assert_eq!(in_parts(&file, COLOURS, 1).0, 0);
            }
        }
    }
}

#[test]
fn without_markers_there_are_no_parts() {
    let (width, height) = (130, 299);
    let rgb = sample(width, height);
    let encoder = || Encoder::new(&rgb, width, height, PixelFormat::Rgb);
    let with_markers = || encoder().restart_rows(1);
    let small = Need {
        longer_side: Some(10),
        ..COLOURS
    };
    let file = with_markers().encode().unwrap();
    assert!(in_parts(&file, COLOURS, 2).0 > 1);
    assert_eq!(in_parts(&file, small, 2).0, 0);
    for encoder in [
        encoder(),
        with_markers().progressive(true),
        with_markers().sampling_factors(vec![(4, 1), (1, 1), (1, 1)]),
    ] {
        let file = encoder.encode().unwrap();
        assert!(whole(&file, COLOURS).is_some());
        assert_eq!(in_parts(&file, COLOURS, 2).0, 0);
    }
}

/// Wherever a byte is wrong or missing, what the decoder of the whole would refuse is not accepted
/// in parts, and what it would accept is the same.
#[test]
fn damaged_parts_are_never_another_photo() {
    let (width, height) = (100, 120);
    let rgb = sample(width, height);
    for (subsampling, rows) in [
        (Subsampling::S420, 1),
        (Subsampling::S420, 2),
        (Subsampling::S444, 1),
    ] {
        let encoder = Encoder::new(&rgb, width, height, PixelFormat::Rgb).subsampling(subsampling);
        let file = encoder.restart_rows(rows).encode().unwrap();
        let (mut accepted, mut refused) = (0, 0);
        let mut compare = |damaged: &[u8], need, what: String| {
            let (_, photo) = in_parts(damaged, need, 2);
            match photo {
                Some(_) => accepted += 1,
                None => refused += 1,
            }
            assert!(photo.is_none() || photo == whole(damaged, need), "{what}");
        };
        for (at, what, damaged) in damaged(&file, 3) {
            let need = [COLOURS, LUMA, PLANES][at / 3 % 3];
            compare(&damaged, need, format!("{rows}, {what}"));
        }
        assert!(accepted > 100 && refused > 100, "{accepted}, {refused}");
    }
}
