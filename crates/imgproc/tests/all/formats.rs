//! Photos of the kinds that people have: the right pixels, or a refusal in plain words.

use std::fs;
use std::path::Path;
use timing::limit::InTime;

use imgproc::codec::{Format, Limits, Photo, Strip, decode, encode};
use imgproc::samples::SAMPLES;

use crate::cli::{ended, imgproc};
use crate::kinds::{kinds, picture};
use crate::tiffs::{fields, pages, tiff};

const LIMITS: Limits = Limits {
    max_pixels: 4_000_000,
};

fn read(file: &[u8]) -> anyhow::Result<Photo> {
    decode(file, false, LIMITS, Vec::new())
}

#[track_caller]
fn refused(file: &[u8], expected: &str) {
    let error = format!("{:#}", read(file).unwrap_err());
    assert!(error.contains(expected), "{error}");
    // Words of the program's insides.
    assert!(!error.contains(['{', '}', '(', '"', '_']), "{error}");
}

#[test]
fn every_kind_of_tiff_has_the_right_pixels() {
    for (name, file, size, pixels) in kinds() {
        let photo = read(&file).expect(name);
        assert_eq!(picture(photo), (size, pixels), "{name}");
    }
}

#[test]
fn a_tiff_that_is_written_is_read_by_others() {
    for channels in [1, 3, 4] {
        let (width, height) = (300, 400);
        let pixels = (0..width * height * channels).map(|i| (i % 251) as u8);
        let photo = Photo {
            width,
            height,
            channels,
            pixels: pixels.collect(),
            ..Photo::default()
        };
        let file = encode(&photo, Format::Tiff, 90, Strip::Nothing, Vec::new()).unwrap();
        assert_eq!(read(&file).unwrap(), photo);
        let other = image::load_from_memory(&file).unwrap();
        assert_eq!(usize::from(other.color().channel_count()), channels);
        assert_eq!(other.into_bytes(), photo.pixels);
    }
}

#[test]
fn a_jpeg_in_a_tiff_is_read_as_the_tiff_says() {
    let pixels = [[200, 60, 10]; 256].concat();
    let rgb = libjpeg_turbo_rs::PixelFormat::Rgb;
    let jpeg = libjpeg_turbo_rs::Encoder::new(&pixels, 16, 16, rgb).quality(95);
    let jpeg = jpeg.encode().unwrap();
    let page = |photometric: u32| {
        let mut fields = fields(8, photometric, 3);
        fields.push((259, vec![7]));
        read(&tiff((16, 16), &fields, std::slice::from_ref(&jpeg))).unwrap()
    };
    let near = |photo: Photo, to: [u8; 3]| {
        let pixel = &photo.pixels[..3];
        assert!(
            pixel.iter().zip(to).all(|(is, to)| is.abs_diff(to) < 4),
            "{pixel:?}"
        );
    };
    near(page(6), [200, 60, 10]);
    // Where the TIFF says that it is RGB, luma and chroma are not converted.
    near(page(2), [96, 79, 202]);
}

#[test]
fn what_is_not_understood_is_refused_in_plain_words() {
    let with = |photometric: u32, tag: u16, value: u32| {
        let mut fields = fields(8, photometric, 1);
        fields.push((tag, vec![value]));
        tiff((1, 1), &fields, &[vec![0; 4]])
    };
    refused(&with(1, 259, 34_925), "LZMA compression: not supported");
    refused(&with(1, 259, 6), "a table of its JPEG is missing");
    refused(
        &with(1, 259, 34_712),
        "JPEG 2000 compression: not supported",
    );
    refused(&with(1, 259, 999), "an unknown compression: not supported");
    refused(&with(10, 277, 1), "a rare form of L*a*b*: not supported");
    refused(&with(1, 50_706, 1), "a camera's raw data");
    refused(
        &tiff((1, 1), &fields(24, 1, 1), &[vec![0; 3]]),
        "24 bits a channel",
    );
    // A width and a height of 64 bits each, whose product has no place in 64 bits.
    let mut huge = tiff((1, 1), &fields(8, 1, 1), &[vec![0xff; 8]]);
    for tag in [0, 1] {
        let size = [tag, 1, 3, 0, 1, 0, 0, 0, 1, 0];
        let field = huge.windows(10).position(|at| at == size).unwrap();
        huge[field + 2..field + 12].copy_from_slice(&[16, 0, 1, 0, 0, 0, 8, 0, 0, 0]);
    }
    refused(&huge, "4294967295 x 4294967295 is");
    // The weights of red, green and blue in luma are fractions of two zeros.
    let mut colours = fields(8, 6, 3);
    colours.extend([(529, vec![0; 12]), (530, vec![1, 1])]);
    let mut weights = tiff((1, 1), &colours, &[vec![0; 24]]);
    let field = weights
        .windows(4)
        .position(|at| at == [0x11, 2, 3, 0])
        .unwrap();
    weights[field + 2..field + 12].copy_from_slice(&[5, 0, 3, 0, 0, 0, 8, 0, 0, 0]);
    refused(&weights, "what it says of its colours makes no sense");
    refused(
        &tiff((9, 9), &fields(8, 1, 1), &[vec![0; 80]]),
        "damaged or cut short",
    );
    refused(b"GIF89a\x01\0\x01\0\0\0\0;", "the GIF is damaged");
    refused(
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "a HEIC or AVIF: not supported",
    );
    let mut progressive = SAMPLES[2].1.to_vec();
    let frame = progressive
        .windows(2)
        .position(|at| at == [0xff, 0xc0])
        .unwrap();
    progressive[frame + 1] = 0xca;
    refused(&progressive, "JPEG with arithmetic coding: not supported");
}

/// As Photoshop CS5 and CS6 and some trail cameras write them.
#[test]
fn bytes_between_the_segments_of_a_jpeg_are_skipped() {
    let (_, jpeg) = SAMPLES[1];
    let tables = jpeg.windows(2).position(|at| at == [0xff, 0xdb]).unwrap();
    let strays = [&jpeg[..tables], &[0, 0, 7, 0xff, 0], &jpeg[tables..]].concat();
    let (as_it_is, with_strays) = (read(jpeg).unwrap(), read(&strays).unwrap());
    assert!(as_it_is == with_strays);
}

/// Everything behind it would be in a wrong place.
#[test]
fn a_lost_or_wrong_restart_marker_is_no_silent_shift() {
    let photo = read(SAMPLES[1].1).unwrap();
    let file = encode(&photo, Format::Jpeg, 90, Strip::Nothing, Vec::new()).unwrap();
    let restarts = file.windows(2).enumerate();
    let restarts: Vec<_> = restarts
        .filter(|(_, two)| two[0] == 0xff && (0xd0..=0xd7).contains(&two[1]))
        .map(|(at, _)| at)
        .collect();
    assert!(restarts.len() > 1, "{restarts:?}");
    assert!(read(&file).is_ok());
    for at in restarts {
        let lost = [&file[..at], &file[at + 2..]].concat();
        refused(&lost, "a restart marker is lost or wrong");
        let mut wrong = file.clone();
        wrong[at + 1] = 0xd0 + (wrong[at + 1] + 3) % 8;
        refused(&wrong, "a restart marker is lost or wrong");
        let twice = [&file[..at + 2], &file[at..]].concat();
        refused(&twice, "a restart marker is lost or wrong");
    }
    // Some encoders write one more at the end.
    let end = file.len() - 2;
    let next = (file
        .windows(2)
        .filter(|two| two[0] == 0xff && two[1] & 0xf8 == 0xd0)
        .count()
        % 8) as u8;
    let more = [&file[..end], &[0xff, 0xd0 + next], &file[end..]].concat();
    assert!(read(&more).unwrap().pixels == read(&file).unwrap().pixels);
}

/// Headers of OS/2 2.x: the whole one, and the shortest.
#[test]
fn a_bmp_of_os_2_is_read() {
    let mut bmp = Vec::new();
    let image = image::RgbImage::from_fn(5, 3, |x, y| image::Rgb([x as u8 * 40, y as u8 * 80, 7]));
    let mut cursor = std::io::Cursor::new(&mut bmp);
    image
        .write_to(&mut cursor, image::ImageFormat::Bmp)
        .unwrap();
    for length in [64_usize, 16] {
        let mut header = bmp[14..54].to_vec();
        header.resize(length, 0);
        header[..4].copy_from_slice(&(length as u32).to_le_bytes());
        let start = 14 + length as u32;
        let file = [&bmp[..10], &start.to_le_bytes(), &header, &bmp[54..]].concat();
        let photo = read(&file).unwrap();
        assert_eq!(photo.pixels, image.as_raw().as_slice(), "{length}");
    }
}

/// A GIF of two pictures on a screen of 3 x 2 pixels. The first fills the right two columns with
/// red and blue, and the left one stays empty. The background colour of the screen is blue.
pub fn gif(transparent: Option<u8>) -> Vec<u8> {
    let mut file = Vec::new();
    let palette = [255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0, 0];
    let mut encoder = gif::Encoder::new(&mut file, 3, 2, &palette).unwrap();
    let frame = gif::Frame {
        left: 1,
        ..gif::Frame::from_indexed_pixels(2, 2, [0, 1, 1, 0], transparent)
    };
    encoder.write_frame(&frame).unwrap();
    encoder.write_frame(&frame).unwrap();
    drop(encoder);
    file[11] = 1;
    file
}

#[test]
fn the_first_picture_of_a_gif_is_read() {
    let (red, blue) = ([255, 0, 0], [0, 0, 255]);
    let expected = [blue, red, blue, blue, blue, red].concat();
    assert_eq!(picture(read(&gif(None)).unwrap()), ((3, 2, 3), expected));
    // In a picture that may be transparent, what is not covered is transparent.
    let (red, blue, none) = ([255, 0, 0, 255], [0, 0, 255, 255], [0; 4]);
    let expected = [none, red, blue, none, blue, red].concat();
    let moving = gif(Some(3));
    assert_eq!(
        picture(read(&moving).unwrap()),
        ((3, 2, 4), expected.clone())
    );
    // The second column of the picture is outside of a screen of two columns, which grows.
    let mut narrow = moving.clone();
    narrow[6] = 2;
    assert_eq!(picture(read(&narrow).unwrap()), ((3, 2, 4), expected));
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in/moving.gif"), moving).unwrap();
    let mut command = imgproc(folder.path());
    command.args(["-i", "in", "-o", "out"]);
    let (_, err) = ended(command.output_in_time(), 0);
    assert_eq!(
        err,
        "note: in/moving.gif: left out: the animation (only the first of its 2 pictures is read)\n"
    );
    // A result that is whole, with its transparency.
    let result = image::open(folder.path().join("out/moving.png")).unwrap();
    assert_eq!(result.to_rgba8().get_pixel(0, 0).0[3], 0);
}

fn told(folder: &Path, name: &str, file: &[u8]) -> String {
    fs::write(folder.join(name), file).unwrap();
    let mut command = imgproc(folder);
    command.args(["-i", name, "-o", "out", "sequential", "rayon", "processes"]);
    ended(command.output_in_time(), 0).1
}

#[test]
fn what_is_left_out_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let page = || ((1, 1), fields(8, 1, 1), vec![vec![9]]);
    let mut small = page();
    small.1.push((254, vec![1]));
    // A smaller picture of a page is not a page.
    let three = pages(&[page(), small.clone(), page(), page()]);
    let expected = "note: three.tif: left out: 2 of its 3 pages (only the first is read)\n";
    assert_eq!(told(folder.path(), "three.tif", &three), expected);
    assert_eq!(told(folder.path(), "one.tif", &pages(&[small, page()])), "");
    let bright = [[0.5_f32.to_le_bytes(), 7.0_f32.to_le_bytes()].concat()];
    let mut float = fields(32, 1, 1);
    float.push((339, vec![3]));
    let expected = "note: bright.tif: left out: all but 8 of its 32 bits a channel, and brightness below 0 and above 1\n";
    assert_eq!(
        told(folder.path(), "bright.tif", &tiff((2, 1), &float, &bright)),
        expected
    );
    let deep = image::DynamicImage::new_rgb16(2, 2);
    let mut png = std::io::Cursor::new(Vec::new());
    deep.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let expected = "note: deep.png: left out: all but 8 of its 16 bits a channel\n";
    let told_of = told(folder.path(), "deep.png", &png.into_inner());
    assert_eq!(told_of, expected);
    let expected =
        "note: moving.png: left out: the animation (only the first of its 3 pictures is read)\n";
    assert_eq!(told(folder.path(), "moving.png", &animated()), expected);
}

/// A PNG that says of itself that it has three pictures.
fn animated() -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::new(2, 2);
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let mut png = png.into_inner();
    let chunk = crate::metadata::png_chunk(b"acTL", &[0, 0, 0, 3, 0, 0, 0, 0]);
    png.splice(33..33, chunk);
    png
}
