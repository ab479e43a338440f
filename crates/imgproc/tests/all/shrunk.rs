//! Thumbnails of JPEGs, which are decoded at a smaller size: how near they are to the whole picture
//! that was decoded and resized.

use imgproc::codec::{self, Limits, Need, Photo};
use imgproc::filter;
use imgproc::samples::SAMPLES;
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

use crate::common::{psnr, sample};

/// Returns the thumbnail, and the whole photo resized to it.
fn both(file: &[u8], longer: usize) -> (Photo, Photo) {
    let whole = codec::decode(file, false, Limits::default(), Vec::new()).unwrap();
    let need = Need {
        longer_side: Some(longer),
        ..Need::default()
    };
    let small = codec::open(file, Limits::default()).unwrap();
    let small = small.decode(need, Vec::new()).unwrap();
    let before = whole.width.max(whole.height);
    let scaled = |side: usize| ((side * longer + before / 2) / before).max(1);
    let resized = filter::resized(&whole, scaled(whole.width), scaled(whole.height));
    (small, resized)
}

#[test]
fn the_samples_are_near_the_whole_ones() {
    for (name, file) in SAMPLES {
        // At a half, at a quarter and at an eighth, and as small as allowed for each of them.
        for ratio in [3.0, 4.0, 6.9, 7.1, 12.1, 23.9, 24.2, 29.0] {
            let longer = codec::decode(file, true, Limits::default(), Vec::new()).unwrap();
            let longer = (longer.width.max(longer.height) as f64 / ratio) as usize;
            let (small, resized) = both(file, longer);
            assert_eq!(small.width.max(small.height), longer, "{name}");
            let psnr = psnr(&small, &resized);
            assert!(psnr >= 40.0, "{name} / {ratio}: {psnr:.1} dB");
        }
    }
}

#[test]
fn each_sampling_and_size_is_near_the_whole_one() {
    for (width, height) in [(440, 290), (441, 291), (433, 299), (17, 300)] {
        let pixels = sample(width, height);
        for subsampling in [
            Subsampling::S444,
            Subsampling::S422,
            Subsampling::S420,
            Subsampling::S440,
        ] {
            for restart in [0, 1, 7, 1_000] {
                let encoder = Encoder::new(&pixels, width, height, PixelFormat::Rgb);
                let encoder = encoder.quality(90).subsampling(subsampling);
                let file = encoder.restart_blocks(restart).encode().unwrap();
                let (small, resized) = both(&file, width.max(height) / 4);
                let psnr = psnr(&small, &resized);
                let what = format!("{width} x {height}, {subsampling:?}, {restart}");
                assert!(psnr >= 40.0, "{what}: {psnr:.1} dB");
            }
        }
    }
}

#[test]
fn grey_is_near_the_whole_one() {
    let (width, height) = (441, 291);
    let grey: Vec<u8> = sample(width, height).chunks(3).map(|rgb| rgb[1]).collect();
    let encoder = Encoder::new(&grey, width, height, PixelFormat::Grayscale);
    let (small, resized) = both(&encoder.encode().unwrap(), 100);
    assert_eq!(small.channels, 1);
    assert!(psnr(&small, &resized) >= 40.0);
}

/// What is not read at a smaller size is decoded as before: it has the size of the file.
#[test]
fn other_kinds_are_decoded_whole() {
    let (width, height) = (440, 290);
    let pixels = sample(width, height);
    let rgb = || Encoder::new(&pixels, width, height, PixelFormat::Rgb);
    let cmyk: Vec<u8> = pixels
        .chunks(3)
        .flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255])
        .collect();
    let cmyk = Encoder::new(&cmyk, width, height, PixelFormat::Cmyk);
    for (what, file) in [
        ("progressive", rgb().progressive(true).encode()),
        (
            "sampled like no camera",
            rgb()
                .sampling_factors(vec![(4, 1), (1, 1), (1, 1)])
                .encode(),
        ),
        ("CMYK", cmyk.encode()),
    ] {
        let (small, _) = both(&file.unwrap(), 100);
        assert_eq!((small.width, small.height), (width, height), "{what}");
    }
    // So are those which are not much larger.
    let (small, _) = both(&rgb().encode().unwrap(), 147);
    assert_eq!(small.width, 440);
    let (small, _) = both(&rgb().encode().unwrap(), 146);
    assert_eq!(small.width, 146);
}

/// Behind the end of the data the reader has zeros, which are codes, too.
#[test]
fn missing_data_are_an_error() {
    let (width, height) = (440, 290);
    let pixels = sample(width, height);
    let need = Need {
        longer_side: Some(50),
        ..Need::default()
    };
    for restart in [0, 28] {
        let encoder = Encoder::new(&pixels, width, height, PixelFormat::Rgb);
        let file = encoder.restart_blocks(restart).encode().unwrap();
        let decoded = |file: &[u8]| {
            let open = codec::open(file, Limits::default()).unwrap();
            open.decode(need, Vec::new())
        };
        assert!(decoded(&file).is_ok());
        // In the middle, where a restart interval ends, or at the end of the only one.
        let marker = |two: &[u8]| two[0] == 0xff && matches!(two[1], 0xd0 | 0xd9);
        let end = file.windows(2).position(marker).unwrap();
        for missing in [40, 200] {
            let mut file = file.clone();
            file.drain(end - missing..end);
            let error = decoded(&file).unwrap_err();
            assert!(format!("{error:#}").contains("damaged"), "{error:#}");
        }
    }
}
