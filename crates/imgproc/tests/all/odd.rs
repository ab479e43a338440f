//! Odd files of strangers that other programs read, too, and photos of one bit.

use imgproc::codec::{Format, Photo, Strip, decode, encode};
use imgproc::samples::SAMPLES;
use libjpeg_turbo_rs::{Encoder, PixelFormat};

use crate::metadata::png_chunk;
use crate::rare::{LIMITS, read};
use crate::tiffs::{fields, tiff, with};

fn written(photo: &Photo, format: Format) -> Vec<u8> {
    encode(photo, format, 90, Strip::Nothing, Vec::new()).unwrap()
}

#[test]
fn channels_with_the_same_name_are_told_apart() {
    let (_, jpeg) = SAMPLES[1];
    let at = |kind: u8| jpeg.windows(2).position(|of| of == [0xff, kind]).unwrap();
    let (frame, scan, mut file) = (at(0xc0), at(0xda), jpeg.to_vec());
    for channel in 0..3 {
        file[frame + 10 + 3 * channel] = 7;
        file[scan + 5 + 2 * channel] = 7;
    }
    assert!(read(&file).pixels == read(jpeg).pixels);
}

/// A comment that is said to be shorter than its length.
#[test]
fn a_segment_with_a_wrong_length_is_skipped() {
    let (_, jpeg) = SAMPLES[1];
    let file = [&jpeg[..2], b"\xff\xfe\0\0", &jpeg[2..]].concat();
    assert!(read(&file).pixels == read(jpeg).pixels);
}

#[test]
fn samples_that_are_not_compressed_have_no_predictor() {
    let page = with(fields(8, 1, 1), &[(317, &[2])]);
    assert_eq!(read(&tiff((3, 1), &page, &[vec![9, 9, 9]])).pixels, [9; 3]);
    // Which other programs take for whole numbers of 12 bits, too.
    let page = with(fields(12, 1, 1), &[(317, &[2])]);
    let file = tiff((2, 1), &page, &[vec![0xff, 0xf0, 0x00]]);
    assert_eq!(read(&file).pixels, [255, 0]);
}

/// A frame whose length is in its header, of one block that is not compressed.
#[test]
fn zstandard_is_read() {
    let frame = [
        0x28,
        0xb5,
        0x2f,
        0xfd,
        0x20,
        4,
        4 << 3 | 1,
        0,
        0,
        5,
        6,
        7,
        8,
    ];
    let page = |predictor| with(fields(8, 1, 1), &[(259, &[50_000]), (317, &[predictor])]);
    let photo = read(&tiff((2, 2), &page(1), &[frame.to_vec()]));
    assert_eq!(photo.pixels, [5, 6, 7, 8]);
    let photo = read(&tiff((2, 2), &page(2), &[frame.to_vec()]));
    assert_eq!(photo.pixels, [5, 11, 7, 15]);
    let cut = tiff((2, 2), &page(1), &[frame[..12].to_vec()]);
    assert!(decode(&cut, false, LIMITS, Vec::new()).is_err());
}

/// Half of the ink, of which half can be seen: a quarter is stored.
#[test]
fn ink_is_divided_by_alpha_before_it_becomes_light() {
    let alpha: (u16, &[u32]) = (338, &[1]);
    let grey = tiff(
        (2, 1),
        &with(fields(8, 0, 2), &[alpha]),
        &[vec![64, 128, 0, 0]],
    );
    assert_eq!(read(&grey).pixels, [127, 127, 127, 128, 255, 255, 255, 0]);
    let inks = with(fields(8, 5, 5), &[alpha]);
    let file = tiff((1, 1), &inks, &[vec![64, 0, 128, 0, 128]]);
    assert_eq!(read(&file).pixels, [127, 255, 0, 128]);
}

/// Two pixels without a table of colours: the first index is black, and the second one is white.
#[test]
fn a_gif_without_colours_is_black_and_white() {
    let screen = b"GIF87a\x02\0\x01\0\0\0\0";
    // Codes of 3 bits: 4 clears, 0 and 1 are pixels, 5 ends.
    let picture = b",\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0;";
    let photo = read(&[&screen[..], picture].concat());
    assert_eq!(photo.pixels, [0, 0, 0, 255, 255, 255]);
}

/// One pixel, behind an extension of a kind that nobody knows.
#[test]
fn an_unknown_extension_of_a_gif_is_passed_over() {
    let screen = b"GIF89a\x01\0\x01\0\x80\0\0\x09\x08\x07\xff\xff\xff";
    let unknown = b"!\x2a\x05Hello\x05World\0";
    let comment = b"!\xfe\x02no\0";
    // Codes of 3 bits: 4 clears, 0 is the pixel, 5 ends.
    let picture = b",\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";
    for parts in [vec![&unknown[..]], vec![comment, unknown, unknown]] {
        let photo = read(&[&screen[..], &parts.concat(), picture].concat());
        assert_eq!(photo.pixels, [9, 8, 7]);
    }
    for end in 0..unknown.len() {
        let cut = [&screen[..], &unknown[..end]].concat();
        assert!(decode(&cut, false, LIMITS, Vec::new()).is_err());
    }
}

/// A BMP of 8 bits a pixel, with the colours red and black.
fn bmp((width, height): (u8, u8), compression: u8, pixels: &[u8]) -> Vec<u8> {
    let mut file = b"BM\0\0\0\0\0\0\0\0\x3e\0\0\0\x28\0\0\0".to_vec();
    file.extend([width, 0, 0, 0, height, 0, 0, 0, 1, 0, 8, 0, compression]);
    file.resize(46, 0);
    file.extend([2, 0, 0, 0]);
    file.resize(54, 0);
    file.extend([0, 0, 255, 0, 0, 0, 0, 0]);
    file.extend(pixels);
    file
}

#[test]
fn a_bmp_may_lack_what_fills_its_last_row() {
    let whole = bmp((2, 1), 0, &[0, 1, 0, 0]);
    assert_eq!(read(&whole).pixels, [255, 0, 0, 0, 0, 0]);
    for missing in 1..3 {
        let photo = read(&whole[..whole.len() - missing]);
        assert_eq!(photo.pixels, [255, 0, 0, 0, 0, 0], "{missing}");
    }
    let short = &whole[..whole.len() - 3];
    assert!(decode(short, false, LIMITS, Vec::new()).is_err());
}

/// One black pixel, and the end: the rest was passed over.
#[test]
fn pixels_that_runs_pass_over_have_the_first_colour() {
    let photo = read(&bmp((2, 2), 1, &[1, 1, 0, 1]));
    let (black, red) = ([0, 0, 0], [255, 0, 0]);
    assert_eq!(photo.pixels, [red, red, black, red].concat());
}

/// A width of several bytes and a rest, as PNG and BMP.
#[test]
fn a_bit_for_each_pixel_stays_one() {
    let (width, height) = (75, 40);
    let black = |i: usize| (i % width * i / width / 7).is_multiple_of(3);
    let page = Photo {
        width,
        height,
        channels: 1,
        pixels: (0..width * height)
            .map(|i| if black(i) { 0 } else { 255 })
            .collect(),
        bilevel: true,
        ..Photo::default()
    };
    for format in [Format::Png, Format::Bmp] {
        let file = written(&page, format);
        assert!(file.len() <= 62 + 12 * height, "{format:?}: {}", file.len());
        assert!(read(&file) == page, "{format:?}");
        let other = image::load_from_memory(&file).unwrap();
        assert!(other.into_luma8().into_raw() == page.pixels, "{format:?}");
    }
}

/// The bits above those of a sample do not count: of 1 bit, 255 is white.
#[test]
fn a_transparent_grey_of_a_png_may_have_too_many_bits() {
    let page = Photo {
        width: 2,
        height: 1,
        channels: 1,
        pixels: vec![0, 255],
        bilevel: true,
        ..Photo::default()
    };
    let mut file = written(&page, Format::Png);
    // Behind the signature and the header.
    file.splice(33..33, png_chunk(b"tRNS", &[0, 0xff]));
    assert_eq!(read(&file).pixels, [0, 0, 0, 255, 255, 255, 255, 0]);
}

/// Behind the last block, restart markers stand before no data that could be in a wrong place.
#[test]
fn restart_markers_at_the_end_do_not_count() {
    let (_, jpeg) = SAMPLES[1];
    let pixels = read(jpeg).pixels;
    let rgb = PixelFormat::Rgb;
    let (width, height) = (read(jpeg).width, read(jpeg).height);
    for progressive in [false, true] {
        let encoder = Encoder::new(&pixels, width, height, rgb).restart_blocks(10);
        let file = encoder.progressive(progressive).encode().unwrap();
        let photo = read(&file);
        let (rest, end) = file.split_at(file.len() - 2);
        let last = rest
            .windows(2)
            .rposition(|of| of[0] == 0xff && of[1] & 0xf8 == 0xd0);
        let last = rest[last.unwrap() + 1];
        let mut more = rest.to_vec();
        for count in 1..10 {
            more.extend([0xff, 0xd0 + (last + count) % 8]);
            assert!(
                read(&[&more, end].concat()) == photo,
                "{progressive}, {count}"
            );
        }
        // Data behind them belong to no block.
        more.extend([1, 2, 3]);
        assert!(decode(&[&more, end].concat(), false, LIMITS, Vec::new()).is_err());
    }
}
