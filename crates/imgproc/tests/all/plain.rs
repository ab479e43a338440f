//! JPEGs of kinds that no camera writes.

use imgproc::codec::{Limits, decode};
use libjpeg_turbo_rs::{Encoder, PixelFormat};

use crate::rare::read;

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
    assert_eq!(read(&file).pixels, [128, 122, 156].repeat(256));
    let limits = Limits { max_pixels: 256 };
    let grey = decode(&file, true, limits, Vec::new()).unwrap();
    assert_eq!(grey.pixels, [128].repeat(256));
    // Without the colours' scan, and without its data.
    let cut = [&[0xff, 0xd8], &start[..], &[0, 0xff, 0xd9]].concat();
    let empty = [&cut[..cut.len() - 2], &colours, &[0xff, 0xd9]].concat();
    for file in [cut, empty] {
        assert!(decode(&file, false, limits, Vec::new()).is_err());
    }
}

/// Writes bits, the highest first.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    bits: u32,
    count: u32,
}

impl Writer {
    fn push(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            self.bits = self.bits << 1 | value >> bit & 1;
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.bits as u8);
                if self.bits == 0xff {
                    self.bytes.push(0);
                }
                (self.bits, self.count) = (0, 0);
            }
        }
    }

    /// Ends with ones up to a whole byte.
    fn end(mut self) -> Vec<u8> {
        self.push(u32::MAX, (8 - self.count) % 8);
        self.bytes
    }
}

/// Encodes samples of some channels, pixel by pixel, without loss. Restart markers are behind so
/// many rows.
fn lossless(
    samples: &[u8],
    [width, height, channels]: [usize; 3],
    (predictor, rows): (u8, usize),
) -> Vec<u8> {
    // Each of the 9 sizes that differences have is a code of four bits.
    let symbols: Vec<u8> = (0..9).collect();
    let table = [&[0, 0, 0, 0, 9][..], &[0; 12], &symbols].concat();
    let mut frame = vec![8, 0, height as u8, 0, width as u8, channels as u8];
    let mut scan = vec![channels as u8];
    for name in 1..=channels as u8 {
        frame.extend([name, 0x11, 0]);
        scan.extend([name, 0]);
    }
    scan.extend([predictor, 0, 0]);
    let interval = ((rows * width) as u16).to_be_bytes().to_vec();
    let parts = [(0xc3, frame), (0xc4, table), (0xdd, interval), (0xda, scan)];
    let mut file = [vec![0xff, 0xd8], segments(&parts)].concat();
    for top in (0..height).step_by(rows) {
        if top > 0 {
            file.extend([0xff, 0xd0 + (top / rows - 1) as u8 % 8]);
        }
        let mut writer = Writer::default();
        let end = (top + rows).min(height) * width;
        for (at, channel) in (top * width..end).flat_map(|at| (0..channels).map(move |of| (at, of)))
        {
            let sample = |distance: usize| i32::from(samples[(at - distance) * channels + channel]);
            let expected = match (at % width, at / width - top) {
                (0, 0) => 128,
                (_, 0) => sample(1),
                (0, _) => sample(width),
                _ => {
                    let (a, b, c) = (sample(1), sample(width), sample(width + 1));
                    let all = [
                        a,
                        b,
                        c,
                        a + b - c,
                        a + ((b - c) >> 1),
                        b + ((a - c) >> 1),
                        (a + b) >> 1,
                    ];
                    all[usize::from(predictor) - 1]
                }
            };
            // Modulo 256, which is enough for samples of 8 bits.
            let difference = i32::from((sample(0) - expected) as i8);
            let size = 32 - difference.unsigned_abs().leading_zeros();
            writer.push(size, 4);
            let bits = if difference < 0 {
                difference - 1
            } else {
                difference
            };
            writer.push(bits as u32, size);
        }
        file.extend(writer.end());
    }
    [file, vec![0xff, 0xd9]].concat()
}

#[test]
fn a_lossless_jpeg_is_read() {
    let (width, height) = (13, 11);
    for channels in [1, 3] {
        let sample = |i: usize| (i * i / 3 + 40 * (i % channels)) as u8;
        let samples: Vec<u8> = (0..width * height * channels).map(sample).collect();
        for predictor in 1..=7 {
            for rows in [11, 4, 1] {
                let file = lossless(&samples, [width, height, channels], (predictor, rows));
                assert_eq!(read(&file).pixels, samples, "{predictor}, {rows}");
            }
        }
    }
}
