//! Kinds of TIFF files that have been read wrongly, or not at all.

use imgproc::codec::Photo;

use crate::tiffs::{fields, tiff, with};

/// A kind of TIFF: its name, a file, the size and the channels of the picture, and its pixels.
pub type Kind = (&'static str, Vec<u8>, (usize, usize, usize), Vec<u8>);

/// All kinds. The pixels are computed by hand.
pub fn kinds() -> Vec<Kind> {
    let mut kinds: Vec<Kind> = vec![
        (
            "turned: the first row is the right column",
            tiff(
                (3, 2),
                &with(fields(8, 1, 1), &[(274, &[6])]),
                &[vec![1, 2, 3, 4, 5, 6]],
            ),
            (2, 3, 1),
            vec![4, 1, 5, 2, 6, 3],
        ),
        (
            "colours multiplied by alpha",
            tiff(
                (2, 1),
                &with(fields(8, 2, 4), &[(338, &[1])]),
                &[vec![50, 100, 0, 128, 9, 9, 9, 0]],
            ),
            (2, 1, 4),
            vec![99, 199, 0, 128, 0, 0, 0, 0],
        ),
        (
            "plain alpha",
            tiff(
                (1, 1),
                &with(fields(8, 2, 4), &[(338, &[2])]),
                &[vec![50, 100, 0, 128]],
            ),
            (1, 1, 4),
            vec![50, 100, 0, 128],
        ),
        (
            "a fourth channel that is not alpha",
            tiff(
                (1, 1),
                &with(fields(8, 2, 4), &[(338, &[0])]),
                &[vec![50, 100, 0, 128]],
            ),
            (1, 1, 3),
            vec![50, 100, 0],
        ),
        (
            "grey with alpha",
            tiff(
                (1, 1),
                &with(fields(8, 1, 2), &[(338, &[2])]),
                &[vec![50, 128]],
            ),
            (1, 1, 4),
            vec![50, 50, 50, 128],
        ),
        (
            "the first pixel in the lowest bit",
            tiff(
                (9, 1),
                &with(fields(1, 1, 1), &[(266, &[2])]),
                &[vec![0b0000_0101, 1]],
            ),
            (9, 1, 1),
            vec![255, 0, 255, 0, 0, 0, 0, 0, 255],
        ),
        (
            "white is 0",
            tiff((2, 1), &fields(8, 0, 1), &[vec![0, 200]]),
            (2, 1, 1),
            vec![255, 55],
        ),
        (
            "32-bit whole numbers",
            tiff(
                (3, 1),
                &fields(32, 1, 1),
                &[vec![0, 0, 0, 0, 0, 0, 0, 128, 255, 255, 255, 255]],
            ),
            (3, 1, 1),
            vec![0, 128, 255],
        ),
        (
            "a palette of 4 bits",
            tiff(
                (3, 1),
                &with(
                    fields(4, 3, 1),
                    &[(
                        320,
                        &std::array::from_fn::<u32, 48, _>(|i| (i as u32 * 5) << 8),
                    )],
                ),
                &[vec![0x1f, 0x00]],
            ),
            (3, 1, 3),
            vec![5, 85, 165, 75, 155, 235, 0, 80, 160],
        ),
        (
            "luma and chroma, of which four pixels share one",
            tiff(
                (2, 2),
                &with(fields(8, 6, 3), &[(530, &[2, 2])]),
                &[vec![76, 100, 120, 140, 128, 128]],
            ),
            (2, 2, 3),
            [76, 100, 120, 140].map(|luma| [luma; 3]).concat(),
        ),
        (
            "red as luma and chroma",
            tiff(
                (1, 1),
                &with(fields(8, 6, 3), &[(530, &[1, 1])]),
                &[vec![76, 85, 255]],
            ),
            (1, 1, 3),
            vec![254, 0, 0],
        ),
        (
            "cyan, magenta, yellow and black",
            tiff(
                (2, 1),
                &fields(8, 5, 4),
                &[vec![255, 0, 0, 0, 0, 0, 0, 155]],
            ),
            (2, 1, 3),
            vec![0, 255, 255, 100, 100, 100],
        ),
        (
            "floating-point numbers",
            tiff(
                (2, 1),
                &with(fields(32, 1, 1), &[(339, &[3])]),
                &[[0.5_f32.to_le_bytes(), 1.0_f32.to_le_bytes()].concat()],
            ),
            (2, 1, 1),
            vec![128, 255],
        ),
    ];
    for bits in [2, 3, 4, 6, 8, 10, 12, 14, 16] {
        kinds.push(of_bits(bits));
    }
    kinds.extend(compressed());
    kinds.push(planar_tiles());
    kinds
}

/// Three samples: none, about half, and all of what so many bits can hold.
fn of_bits(bits: u32) -> Kind {
    let most = (1_u64 << bits) - 1;
    let packed = most.div_ceil(2) << bits | most;
    // Three samples from the highest bit on. Those of 16 bits are little-endian.
    let bytes = (packed << (64 - 3 * bits)).to_be_bytes();
    let mut bytes = bytes[..(3 * bits as usize).div_ceil(8)].to_vec();
    if bits == 16 {
        bytes.chunks_exact_mut(2).for_each(<[u8]>::reverse);
    }
    let half = (most.div_ceil(2) as f64 / most as f64 * 255.0).round() as u8;
    let file = tiff((3, 1), &fields(bits, 1, 1), &[bytes]);
    (
        "samples of few or many bits",
        file,
        (3, 1, 1),
        vec![0, half, 255],
    )
}

/// RGB of 20 x 24 pixels in several strips, by each compression, and the same as black and white.
fn compressed() -> Vec<Kind> {
    let (width, height, rows) = (20, 24, 10);
    let pixels: Vec<u8> = (0..width * height * 3)
        .map(|i| (i / 7 * 3 % 256) as u8)
        .collect();
    let strips = || pixels.chunks(width * rows * 3);
    let page = |compression: u32, predictor: u32, strips: Vec<Vec<u8>>| {
        let more: &[(u16, &[u32])] = &[
            (259, &[compression]),
            (317, &[predictor]),
            (278, &[rows as u32]),
        ];
        tiff(
            (width as u32, height as u32),
            &with(fields(8, 2, 3), more),
            &strips,
        )
    };
    let lzw = |strip: &[u8]| {
        let mut encoder = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
        encoder.encode(strip).unwrap()
    };
    // Each pixel as the difference from the one before.
    let predicted = |strip: &[u8]| {
        let rows = strip.chunks(width * 3).map(|row| {
            let before = [&[0; 3], row].concat();
            row.iter()
                .zip(before)
                .map(|(is, was)| is.wrapping_sub(was))
                .collect()
        });
        rows.collect::<Vec<Vec<u8>>>().concat()
    };
    let runs = |strip: &[u8]| {
        let parts = strip
            .chunks(100)
            .map(|part| [&[part.len() as u8 - 1], part].concat());
        // 128 means nothing, and is skipped.
        [vec![128], parts.collect::<Vec<_>>().concat()].concat()
    };
    let size = (width, height, 3);
    let black = |x: usize, y: usize| x.is_multiple_of(3) || y > 20;
    let fax = {
        let mut encoder = fax::encoder::Encoder::new(fax::VecWriter::new());
        for y in 0..height {
            let line = (0..width).map(|x| match black(x, y) {
                true => fax::Color::Black,
                false => fax::Color::White,
            });
            encoder.encode_line(line, width as u16).unwrap();
        }
        encoder.finish().unwrap().finish()
    };
    let fields = with(fields(1, 0, 1), &[(259, &[4])]);
    let fax = tiff((width as u32, height as u32), &fields, &[fax]);
    let shade = |i| if black(i % width, i / width) { 0 } else { 255 };
    vec![
        (
            "runs",
            page(32_773, 1, strips().map(runs).collect()),
            size,
            pixels.clone(),
        ),
        (
            "LZW",
            page(5, 1, strips().map(lzw).collect()),
            size,
            pixels.clone(),
        ),
        (
            "LZW with a predictor",
            page(5, 2, strips().map(|strip| lzw(&predicted(strip))).collect()),
            size,
            pixels.clone(),
        ),
        (
            "deflate with a predictor",
            page(
                8,
                2,
                strips().map(|strip| deflated(&predicted(strip))).collect(),
            ),
            size,
            pixels.clone(),
        ),
        (
            "fax",
            fax,
            (width, height, 1),
            (0..width * height).map(shade).collect(),
        ),
    ]
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Two tiles across, one down, and each channel by itself.
fn planar_tiles() -> Kind {
    let (width, height, side) = (20, 10, 16);
    let value = |x: usize, y: usize, channel: usize| (x * 10 + y + channel * 3) as u8;
    let mut tiles = Vec::new();
    for channel in 0..3 {
        for left in [0, side] {
            let pixels = (0..side * side).map(|i| value(left + i % side, i / side, channel));
            tiles.push(pixels.collect());
        }
    }
    let more: &[(u16, &[u32])] = &[(284, &[2]), (322, &[16]), (323, &[16])];
    let file = tiff((20, 10), &with(fields(8, 2, 3), more), &tiles);
    let pixel = |i: usize| [0, 1, 2].map(|channel| value(i % width, i / width, channel));
    let pixels = (0..width * height).flat_map(pixel).collect();
    (
        "tiles of one channel each",
        file,
        (width, height, 3),
        pixels,
    )
}

/// Returns the picture as the tests compare it.
pub fn picture(photo: Photo) -> ((usize, usize, usize), Vec<u8>) {
    ((photo.width, photo.height, photo.channels), photo.pixels)
}
