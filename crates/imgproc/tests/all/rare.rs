//! Rare kinds of files that are read, and what a TIFF is written as.

use imgproc::codec::{Format, Limits, Photo, Strip, decode, encode};
use imgproc::samples::SAMPLES;

use crate::tiffs::{fields, tiff, with};

pub const LIMITS: Limits = Limits {
    max_pixels: 1_000_000,
};

pub fn read(file: &[u8]) -> Photo {
    decode(file, false, LIMITS, Vec::new()).unwrap()
}

fn written(photo: &Photo) -> Vec<u8> {
    encode(photo, Format::Tiff, 90, Strip::Nothing, Vec::new()).unwrap()
}

/// The lower half of the values is negative, and so black, which is told.
#[test]
fn signed_numbers_begin_at_0() {
    for (bits, samples) in [
        (8, vec![0, 64, 127, 0x80]),
        (16, vec![0, 0, 0, 64, 0xff, 127, 0xff, 0xff]),
    ] {
        let signed = with(fields(bits, 1, 1), &[(339, &[2])]);
        let photo = read(&tiff((4, 1), &signed, &[samples]));
        assert_eq!(photo.pixels, [0, 129 - (bits == 16) as u8, 255, 0]);
        let left_out = photo.metadata.left_out.unwrap();
        assert!(left_out.contains("brightness below 0"), "{left_out}");
    }
}

/// Old programs write whole numbers where fractions belong: the values of black and of white.
#[test]
fn luma_may_reach_from_16_to_235() {
    let more: [(u16, &[u32]); 2] = [(530, &[1, 1]), (532, &[16, 235, 128, 240, 128, 240])];
    let ycbcr = with(fields(8, 6, 3), &more);
    let photo = read(&tiff((2, 1), &ycbcr, &[vec![16, 128, 128, 235, 128, 128]]));
    assert_eq!(photo.pixels, [0, 0, 0, 255, 255, 255]);
}

/// White, a grey, and the red and the blue of sRGB, whose L*a*b* for D50 are 54.29, 80.81, 69.89
/// and 29.57, 68.30, -112.03. (Rounded to whole numbers, so the colours come back nearly.)
#[test]
fn lightness_and_two_colours_become_rgb() {
    let colours = [(255, 0, 0), (137, 0, 0), (138, 81, 70), (75, 68, -112)];
    let expected = [[255; 3], [128; 3], [255, 0, 0], [0, 0, 255]];
    // As signed numbers, from -128 on, and in 16 bits.
    let signed = colours
        .map(|(l, a, b)| [l as u8, a as u8, b as u8])
        .concat();
    let shifted = colours.map(|(l, a, b)| [l as u8, (a + 128) as u8, (b + 128) as u8]);
    let wide: Vec<u8> = signed.iter().flat_map(|high| [0, *high]).collect();
    for (bits, photometric, samples) in [(8, 8, signed), (8, 9, shifted.concat()), (16, 8, wide)] {
        let photo = read(&tiff((4, 1), &fields(bits, photometric, 3), &[samples]));
        for (pixel, expected) in photo.pixels.chunks(3).zip(expected) {
            let near = |(is, expected): (&u8, u8)| is.abs_diff(expected) <= 3;
            assert!(
                pixel.iter().zip(expected).all(near),
                "{pixel:?}, {bits}, {photometric}"
            );
        }
    }
}

/// The fast decoder would read such a JPEG wrongly, and not say so.
#[test]
fn a_jpeg_in_a_tiff_may_have_a_scan_for_each_channel() {
    let jpeg = in_planes((53, 37), [2, 2]);
    let page = with(fields(8, 6, 3), &[(259, &[7]), (530, &[2, 2])]);
    let photo = read(&tiff((53, 37), &page, std::slice::from_ref(&jpeg)));
    assert!(photo.pixels == read(&jpeg).pixels);
}

#[test]
fn depths_of_samples_that_are_not_there_do_not_count() {
    let mut too_many = fields(8, 2, 3);
    too_many[0].1.push(1);
    let photo = read(&tiff((1, 1), &too_many, &[vec![1, 2, 3]]));
    assert_eq!(photo.pixels, [1, 2, 3]);
}

/// Adobe's segment is one byte too short, so that it says nothing.
#[test]
fn a_segment_that_is_too_short_is_skipped() {
    let (_, jpeg) = SAMPLES[1];
    let short = b"\xff\xee\0\x0dAdobe\0d\0\0\0\0";
    let file = [&jpeg[..2], &short[..], &jpeg[2..]].concat();
    assert!(read(&file).pixels == read(jpeg).pixels);
}

/// The number of lines is 0 in the frame, and behind the scan it is told.
#[test]
fn a_height_that_is_told_late_is_read() {
    let (_, jpeg) = SAMPLES[1];
    let frame = jpeg.windows(3).position(|of| of == [0xff, 0xc0, 0]);
    let height = frame.unwrap() + 5;
    let (mut late, end) = (jpeg.to_vec(), jpeg.len() - 2);
    late[height..height + 2].copy_from_slice(&[0, 0]);
    assert!(decode(&late, false, LIMITS, Vec::new()).is_err());
    let told = [&[0xff, 0xdc, 0, 4], &jpeg[height..height + 2]].concat();
    late.splice(end..end, told);
    assert!(read(&late).pixels == read(jpeg).pixels);
}

/// Before the first scan the segment that tells it says nothing, and is skipped.
#[test]
fn a_height_that_is_told_early_is_skipped() {
    let (_, jpeg) = SAMPLES[1];
    let early = [&jpeg[..2], &[0xff, 0xdc, 0, 4, 0, 9], &jpeg[2..]].concat();
    assert!(read(&early).pixels == read(jpeg).pixels);
}

/// With 8 bits, the colours of nearly transparent pixels would have few values left.
#[test]
fn colours_are_divided_by_alpha_before_they_become_bytes() {
    let samples = [0x0180_u16, 0x0300, 0x0000, 0x0300];
    let alpha: (u16, &[u32]) = (338, &[1]);
    let wide = samples.map(u16::to_le_bytes).concat();
    let chunky = with(fields(16, 2, 4), &[alpha]);
    assert_eq!(
        read(&tiff((1, 1), &chunky, &[wide])).pixels,
        [128, 255, 0, 3]
    );
    let planes = samples.map(|sample| sample.to_le_bytes().to_vec());
    let planar = with(chunky, &[(284, &[2])]);
    assert_eq!(
        read(&tiff((1, 1), &planar, &planes)).pixels,
        [128, 255, 0, 3]
    );
    let grey = [0x0180_u16, 0x0300].map(u16::to_le_bytes).concat();
    let file = tiff((1, 1), &with(fields(16, 1, 2), &[alpha]), &[grey]);
    assert_eq!(read(&file).pixels, [128, 128, 128, 3]);
    let float = [0.005_f32, 0.01].map(f32::to_le_bytes).concat();
    let file = with(fields(32, 1, 2), &[alpha, (339, &[3, 3])]);
    assert_eq!(
        read(&tiff((1, 1), &file, &[float])).pixels,
        [128, 128, 128, 3]
    );
}

#[test]
fn a_bmp_with_a_wrong_number_of_planes_is_read() {
    let photo = Photo {
        pixels: vec![10, 20, 30],
        ..photo((1, 1), 3)
    };
    let mut file = encode(&photo, Format::Bmp, 90, Strip::Nothing, Vec::new()).unwrap();
    file[26] = 77;
    assert_eq!(read(&file).pixels, [10, 20, 30]);
}

/// A palette of two colours, a bit for each pixel, and no header of a file.
#[test]
fn a_dib_is_read() {
    let mut dib = vec![40, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0];
    dib.resize(40, 0);
    dib.extend([30, 20, 10, 0, 60, 50, 40, 0, 0b0111_1111, 0b1000_0000, 0, 0]);
    let photo = read(&dib);
    assert_eq!((photo.width, photo.height), (9, 1));
    assert_eq!(photo.pixels[..6], [10, 20, 30, 40, 50, 60]);
    assert_eq!(photo.pixels[24..], [40, 50, 60]);
    // The same in a file whose header does not count the palette.
    let file = [&b"BM\0\0\0\0\0\0\0\0\x36\0\0\0"[..], &dib].concat();
    assert_eq!(read(&file).pixels, photo.pixels);
    for length in 0..dib.len() {
        assert!(decode(&dib[..length], false, LIMITS, Vec::new()).is_err());
    }
}

/// Some programs write a mask for alpha, and leave its bits 0.
#[test]
fn a_bmp_without_a_visible_pixel_is_opaque() {
    let alphas = |alphas: [u8; 2]| {
        let pixels = alphas.map(|alpha| [10, 20, 30, alpha]).concat();
        let photo = Photo {
            pixels,
            ..photo((2, 1), 4)
        };
        let file = encode(&photo, Format::Bmp, 90, Strip::Nothing, Vec::new());
        read(&file.unwrap()).pixels
    };
    assert_eq!(alphas([0, 0]), [10, 20, 30, 10, 20, 30]);
    assert_eq!(alphas([0, 1]), [10, 20, 30, 0, 10, 20, 30, 1]);
}

fn photo((width, height): (usize, usize), channels: usize) -> Photo {
    Photo {
        width,
        height,
        channels,
        pixels: (0..width * height * channels)
            .map(|i| (i % 251) as u8)
            .collect(),
        ..Photo::default()
    }
}

/// A page of 1 bit: lines of all lengths, and rows that share nothing with the one above.
#[test]
fn black_and_white_stays_one_bit() {
    let (width, height) = (203, 400);
    let value = |i: usize| {
        let (x, y) = (i % width, i / width);
        let black = (x * x + y * y) / 3_000 % 2 == 0 || y % 50 == 0 && x % 2 == 0;
        if black { 0 } else { 255 }
    };
    let page = Photo {
        pixels: (0..width * height).map(value).collect(),
        bilevel: true,
        ..photo((width, height), 1)
    };
    let file = written(&page);
    assert!(file.len() < width * height / 8, "{}", file.len());
    assert_eq!(read(&file), page);
    let other = image::load_from_memory(&file).unwrap();
    assert!(other.into_luma8().into_raw() == page.pixels);
}

#[test]
fn a_tiff_is_compressed() {
    for channels in [1, 3, 4] {
        let photo = photo((500, 300), channels);
        let file = written(&photo);
        assert!(file.len() < photo.pixels.len() / 4, "{}", file.len());
        assert_eq!(read(&file), photo);
    }
}

/// What a phone writes behind its photos: a map of brightness, and a video.
#[test]
fn what_is_behind_a_jpeg_is_told() {
    let (_, jpeg) = SAMPLES[1];
    let left_out = |file: &[u8]| read(file).metadata.left_out.unwrap_or_default();
    // An index of pictures that is a directory with their number, 3.
    let index = b"\xff\xe2\0\x1eMPF\0II*\0\x08\0\0\0\x01\0\x01\xb0\x04\0\x01\0\0\0\x03\0\0\0\0\0";
    let several = [&jpeg[..2], &index[..], &jpeg[2..], jpeg, jpeg].concat();
    assert_eq!(left_out(jpeg), "");
    assert_eq!(left_out(&several), "the 2 other pictures in the file");
    assert_eq!(
        left_out(&[jpeg, jpeg].concat()),
        "the second picture in the file"
    );
    let video = b"\0\0\0\x18ftypmp42";
    assert_eq!(left_out(&[jpeg, video].concat()), "the video in the file");
}

/// A JPEG of a smooth picture whose channels have a scan of their own each, made of JPEGs of a
/// single channel.
fn in_planes((width, height): (usize, usize), [across, down]: [usize; 2]) -> Vec<u8> {
    let plane = |shift: usize, width: usize, height: usize, step: [usize; 2]| {
        let value = |i: usize| {
            let (x, y) = (i % width * step[0], i / width * step[1]);
            (60 + shift + x + y / 2) as u8
        };
        let pixels: Vec<u8> = (0..width * height).map(value).collect();
        let grey = libjpeg_turbo_rs::PixelFormat::Grayscale;
        let encoder = libjpeg_turbo_rs::Encoder::new(&pixels, width, height, grey);
        encoder.quality(98).encode().unwrap()
    };
    let (columns, rows) = (width.div_ceil(across), height.div_ceil(down));
    let step = [across, down];
    let planes = [
        plane(0, width, height, [1, 1]),
        plane(40, columns, rows, step),
        plane(20, columns, rows, step),
    ];
    let at = |file: &[u8], kind: u8| file.windows(2).position(|two| two == [0xff, kind]).unwrap();
    let (frame, scan) = (at(&planes[0], 0xc0), at(&planes[0], 0xda));
    let mut file = planes[0][..frame].to_vec();
    file.extend([0xff, 0xc0, 0, 17]);
    file.extend(&planes[0][frame + 4..frame + 9]);
    file.extend([3, 1, (across * 16 + down) as u8, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // The frame header of a single channel has 13 bytes; tables are behind it.
    file.extend(&planes[0][frame + 13..scan]);
    for (name, plane) in (1..).zip(&planes) {
        let scan = at(plane, 0xda);
        file.extend([0xff, 0xda, 0, 8, 1, name]);
        file.extend(&plane[scan + 6..plane.len() - 2]);
    }
    file.extend([0xff, 0xd9]);
    file
}

#[test]
fn channels_may_have_a_scan_of_their_own() {
    let (width, height) = (53, 37);
    for step in [[2, 2], [2, 1], [1, 2], [4, 1]] {
        let file = in_planes((width, height), step);
        let photo = read(&file);
        assert_eq!(
            (photo.width, photo.height, photo.channels),
            (width, height, 3)
        );
        for (at, pixel) in photo.pixels.chunks(3).enumerate() {
            // In the middle of the pixels that share it, a colour is half a pixel off.
            let place = |shared: usize, place: usize| {
                let first = place / shared * shared;
                if shared == 2 {
                    place as f32 - 0.5
                } else {
                    first as f32
                }
            };
            let (x, y) = (at % width, at / width);
            let luma = (60 + x + y / 2) as f32;
            let chroma = 60.0 + place(step[0], x) + place(step[1], y) / 2.0;
            let (cb, cr) = (chroma + 40.0 - 128.0, chroma + 20.0 - 128.0);
            let expected = [
                luma + 1.402 * cr,
                luma - 0.344 * cb - 0.714 * cr,
                luma + 1.772 * cb,
            ];
            let near = |(is, expected): (&u8, f32)| {
                (f32::from(*is) - expected.clamp(0.0, 255.0)).abs() <= 5.0
            };
            assert!(
                pixel.iter().zip(expected).all(near),
                "{step:?}, {x}, {y}: {pixel:?}"
            );
        }
        let grey = decode(&file, true, LIMITS, Vec::new()).unwrap();
        assert_eq!(grey.channels, 1);
        for (at, value) in grey.pixels.iter().enumerate() {
            let luma = (60 + at % width + at / width / 2) as u8;
            assert!(value.abs_diff(luma) <= 2, "{step:?}, {at}: {value}");
        }
    }
}
