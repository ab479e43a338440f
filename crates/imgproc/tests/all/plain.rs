//! JPEGs of kinds that no camera writes.

use imgproc::codec::{Limits, Photo, decode};
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

use crate::rare::read;
use crate::tiffs::{fields, tiff, with};

/// Two columns share a colour, and there are two colours in a row: they are not mixed, neither with
/// each other nor with what fills the block.
#[test]
fn few_columns_keep_their_colours() {
    let (red, blue) = ([200, 60, 60], [60, 60, 200]);
    for height in [1, 4, 9] {
        let pixels = [red, red, blue, blue].concat().repeat(height);
        for sampling in [(2, 1), (2, 2)] {
            let encoder = Encoder::new(&pixels, 4, height, PixelFormat::Rgb)
                .sampling_factors(vec![sampling, (1, 1), (1, 1)]);
            let photo = read(&encoder.quality(100).encode().unwrap());
            for (is, was) in photo.pixels.iter().zip(&pixels) {
                assert!(is.abs_diff(*was) < 8, "{sampling:?}: {:?}", photo.pixels);
            }
        }
    }
}

/// Segments of a JPEG: the kind of each, and its data.
fn segments(parts: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    for (kind, data) in parts {
        file.extend([0xff, *kind]);
        file.extend((data.len() as u16 + 2).to_be_bytes());
        file.extend(data);
    }
    file
}

/// Whether the photo has so many pixels of one blue, whose exact green is 122.49.
fn is_blue(photo: &Photo, pixels: usize) -> bool {
    let same = |pixel: &[u8]| matches!(pixel, [128, 122 | 123, 156]);
    photo.pixels.len() == 3 * pixels && photo.pixels.chunks(3).all(same)
}

/// A scan of luma, and one of both colours, of a single unit with four blocks of luma. The codes
/// are 0 for no difference and for the end of a block, and 10 for a difference of four bits.
#[test]
fn two_of_three_channels_may_share_a_scan() {
    let table = |class: u8, symbols: &[u8]| {
        let counts = [1, symbols.len() as u8 - 1];
        [&[class], &counts[..], &[0; 14], symbols].concat()
    };
    let start = segments(&[
        (0xdb, [vec![0], vec![16; 64]].concat()),
        (
            0xc0,
            vec![8, 0, 16, 0, 16, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0],
        ),
        (0xc4, table(0, &[0, 4])),
        (0xc4, table(0x10, &[0])),
        (0xda, vec![1, 1, 0, 0, 63, 0]),
    ]);
    // Four blocks of nothing. Then 10 1000 0, which is 8 sixteens, an eighth of which the mean
    // grows by; and a block of nothing, and ones up to the end of the byte.
    let colours = segments(&[(0xda, vec![2, 2, 0, 3, 0, 0, 63, 0])]);
    let file = [
        &[0xff, 0xd8],
        &start[..],
        &[0],
        &colours,
        &[0xa0, 0x7f],
        &[0xff, 0xd9],
    ]
    .concat();
    assert!(is_blue(&read(&file), 256));
    let limits = Limits { max_pixels: 256 };
    let grey = decode(&file, true, limits, Vec::new()).unwrap();
    assert_eq!(grey.pixels, [128].repeat(256));
    // The fast decoder reads a scan for each channel, or one for all, but not the second channel
    // and then the others, even if each pixel has its own colour.
    let mut whole = start.clone();
    let frame = whole
        .windows(2)
        .position(|two| two == [0xff, 0xc0])
        .unwrap();
    (whole[frame + 6], whole[frame + 8], whole[frame + 11]) = (8, 8, 0x11);
    // Without the header of its scan.
    whole.truncate(whole.len() - 10);
    let scans = [&[1, 2, 0, 0, 63, 0][..], &[2, 1, 0, 3, 0, 0, 63, 0]];
    let [second, others] = scans.map(|scan| segments(&[(0xda, scan.to_vec())]));
    let parts: [&[u8]; 6] = [&[0xff, 0xd8], &whole, &second, &[0xa1], &others, &[0x0f]];
    let file = [&parts.concat(), &[0xff, 0xd9][..]].concat();
    assert!(is_blue(&read(&file), 64));
    // Without the colours' scan, and without its data.
    let cut = [&[0xff, 0xd8], &start[..], &[0, 0xff, 0xd9]].concat();
    let empty = [&cut[..cut.len() - 2], &colours, &[0xff, 0xd9]].concat();
    for file in [cut, empty] {
        assert!(decode(&file, false, limits, Vec::new()).is_err());
    }
}

#[test]
fn a_lossless_jpeg_is_read() {
    let (width, height) = (13, 11);
    for (channels, format) in [(1, PixelFormat::Grayscale), (3, PixelFormat::Rgb)] {
        let sample = |i: usize| (i * i / 3 + 40 * (i % channels)) as u8;
        let samples: Vec<u8> = (0..width * height * channels).map(sample).collect();
        for predictor in 1..=7 {
            for (rows, low) in [(0, 0), (4, 0), (1, 0), (4, 2)] {
                let encoder = Encoder::new(&samples, width, height, format)
                    .lossless(true)
                    .lossless_predictor(predictor)
                    .lossless_point_transform(low)
                    .restart_rows(rows);
                let file = encoder.encode().unwrap();
                let jfif = b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
                let with_jfif = [&file[..2], jfif, &file[2..]].concat();
                let expected: Vec<u8> = samples.iter().map(|of| of >> low << low).collect();
                for file in [file, with_jfif] {
                    assert_eq!(read(&file).pixels, expected, "{predictor}, {rows}, {low}");
                }
            }
        }
    }
}

#[test]
fn arithmetic_coding_is_read() {
    let (width, height) = (45, 37);
    let value = |i: usize| (i * i / 50 % 251) as u8;
    let pixels: Vec<u8> = (0..width * height * 3).map(value).collect();
    for quality in [30, 95, 100] {
        let [plain, arithmetic] = [false, true].map(|arithmetic| {
            let encoder = Encoder::new(&pixels, width, height, PixelFormat::Rgb);
            let encoder = encoder.quality(quality).arithmetic(arithmetic);
            read(&encoder.encode().unwrap())
        });
        let off = plain
            .pixels
            .iter()
            .zip(&arithmetic.pixels)
            .map(|(a, b)| a.abs_diff(*b));
        assert!(off.max() < Some(8), "{quality}");
        // Zeros at the end are not stored. Bytes of 255 before the end marker are none of the data.
        for height in 1..20 {
            let encoder = Encoder::new(&pixels, width, height, PixelFormat::Rgb);
            let file = encoder.quality(quality).arithmetic(true).encode().unwrap();
            let (scan, end) = file.split_at(file.len() - 2);
            let filled = [scan, &[0xff; 3], end].concat();
            assert!(read(&filled) == read(&file), "{quality}, {height}");
        }
    }
}

/// Four channels in a JPEG file are inks. In a TIFF they may be colours and alpha.
#[test]
fn a_jpeg_in_a_tiff_may_have_alpha() {
    let pixel = |i: usize| [10 + i as u8, 200, 90 - i as u8, 3 * i as u8];
    let pixels: Vec<u8> = (0..64).flat_map(pixel).collect();
    let encoder = Encoder::new(&pixels, 8, 8, PixelFormat::Cmyk)
        .subsampling(Subsampling::S444)
        .quality(100);
    let jpeg = encoder.encode().unwrap();
    let page = with(fields(8, 2, 4), &[(259, &[7]), (338, &[2])]);
    let photo = read(&tiff((8, 8), &page, &[jpeg]));
    assert_eq!(photo.channels, 4);
    for (is, was) in photo.pixels.iter().zip(&pixels) {
        assert!(is.abs_diff(*was) < 4, "{is} for {was}");
    }
}

/// Two columns share a colour, and the strip is as narrow as a unit.
#[test]
fn rare_jpegs_in_a_tiff_are_those_in_files() {
    let (width, height) = (9, 7);
    let value = |i: usize| (i * i / 9 % 251) as u8;
    let samples: Vec<u8> = (0..width * height * 3).map(value).collect();
    let luma = Encoder::new(&samples, width, height, PixelFormat::Grayscale);
    let rgb = || Encoder::new(&samples, width, height, PixelFormat::Rgb).quality(95);
    let files = [
        (1, 1, luma.lossless(true)),
        (2, 3, rgb().lossless(true)),
        (6, 3, rgb().arithmetic(true)),
        (6, 3, rgb().progressive(true)),
        (6, 3, rgb().sampling_factors(vec![(2, 1), (1, 1), (1, 1)])),
    ];
    for (index, (photometric, channels, encoder)) in files.into_iter().enumerate() {
        let jpeg = encoder.encode().unwrap();
        let page = with(fields(8, photometric, channels), &[(259, &[7])]);
        let size = (width as u32, height as u32);
        let photo = read(&tiff(size, &page, std::slice::from_ref(&jpeg)));
        assert!(photo.pixels == read(&jpeg).pixels, "{index}");
    }
}

/// The end marker is there, so only the codes tell.
#[test]
fn damaged_codes_of_a_jpeg_in_a_tiff_are_noticed() {
    let (width, height) = (40, 40);
    let value = |i: usize| (i * i / 50 % 251) as u8;
    let samples: Vec<u8> = (0..width * height * 4).map(value).collect();
    // The encoder has no files with four channels that refine each other.
    let kinds = [
        (1, 1, PixelFormat::Grayscale, false),
        (1, 1, PixelFormat::Grayscale, true),
        (6, 3, PixelFormat::Rgb, false),
        (6, 3, PixelFormat::Rgb, true),
        (5, 4, PixelFormat::Cmyk, false),
    ];
    for (photometric, channels, format, progressive) in kinds {
        let encoder = Encoder::new(&samples, width, height, format).progressive(progressive);
        let jpeg = encoder.encode().unwrap();
        let page = with(fields(8, photometric, channels), &[(259, &[7])]);
        let decoded = |jpeg: Vec<u8>| {
            let file = tiff((width as u32, height as u32), &page, &[jpeg]);
            decode(&file, false, Limits::default(), Vec::new())
        };
        let [body, end] = [&jpeg[..jpeg.len() - 2], &jpeg[jpeg.len() - 2..]];
        assert!(decoded(jpeg.clone()).is_ok());
        for missing in [20, 100] {
            let cut = [&body[..body.len() - missing], end].concat();
            let what = format!("{channels}, {progressive}: {missing} bytes");
            assert!(decoded(cut).is_err(), "{what}");
        }
        let more = [body, &[1, 2], end].concat();
        let told = decoded(more).unwrap().metadata.left_out.unwrap_or_default();
        assert!(
            told.starts_with("2 bytes "),
            "{channels}, {progressive}: {told:?}"
        );
    }
}
