//! TIFFs with the old form of JPEG compression.

use imgproc::codec::decode;
use imgproc::samples::SAMPLES;
use libjpeg_turbo_rs::{Encoder, PixelFormat, Subsampling};

use crate::rare::{LIMITS, read};
use crate::tiffs::{fields, tiff, with};

/// Colours that pixels share are not mixed with their neighbours, as they are in a JPEG file.
fn near(is: &[u8], expected: &[u8]) {
    assert_eq!(is.len(), expected.len());
    let off = is.iter().zip(expected).map(|(is, of)| is.abs_diff(*of));
    let mean = off.map(f64::from).sum::<f64>() / is.len() as f64;
    assert!(mean < 3.0, "off by {mean}");
}

/// As programs of the nineties wrote it: without the number of samples, and with a whole JPEG.
#[test]
fn the_old_form_of_jpeg_compression_is_read() {
    let (_, jpeg) = SAMPLES[1];
    let expected = read(jpeg);
    let size = (expected.width as u32, expected.height as u32);
    // Some of them say that it is RGB, and write luma and chroma.
    for photometric in [6, 2] {
        let old = [
            (258, vec![8; 3]),
            (259, vec![6]),
            (262, vec![photometric]),
            // The JPEG is the first thing behind the header of eight bytes.
            (513, vec![8]),
        ];
        let photo = read(&tiff(size, &old, &[jpeg.to_vec()]));
        near(&photo.pixels, &expected.pixels);
        // Without tables, it can't be in pieces.
        let pieces = tiff(size, &old, &[jpeg.to_vec(), jpeg.to_vec()]);
        assert!(decode(&pieces, false, LIMITS, Vec::new()).is_err());
    }
}

/// A JPEG's segments: their kinds and their data, and the data of the scan with its header.
fn segments(jpeg: &[u8]) -> (Vec<(u8, &[u8])>, &[u8]) {
    let (mut segments, mut at) = (Vec::new(), 2);
    while jpeg[at + 1] != 0xda {
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        segments.push((jpeg[at + 1], &jpeg[at + 4..at + 2 + length]));
        at += 2 + length;
    }
    (segments, &jpeg[at..jpeg.len() - 2])
}

const SIZE: (usize, usize) = (40, 28);
const ROWS: usize = 16;

/// The strips of a picture, each a JPEG.
fn strips() -> Vec<Vec<u8>> {
    let value = |at: usize| [(5 * (at % SIZE.0)) as u8, (at / SIZE.0 * 9) as u8, 100];
    let pixels: Vec<u8> = (0..SIZE.0 * SIZE.1).flat_map(value).collect();
    let strips = pixels.chunks(ROWS * SIZE.0 * 3);
    let strips = strips.map(|strip| {
        let rows = strip.len() / SIZE.0 / 3;
        let encoder = Encoder::new(strip, SIZE.0, rows, PixelFormat::Rgb).quality(90);
        encoder.subsampling(Subsampling::S420).encode().unwrap()
    });
    strips.collect()
}

/// Makes a TIFF of strips with these fields, too.
fn in_pieces(data: &[Vec<u8>], more: &[(u16, &[u32])]) -> Vec<u8> {
    let fields = [
        (258, vec![8; 3]),
        (259, vec![6]),
        (262, vec![6]),
        (277, vec![3]),
        (278, vec![ROWS as u32]),
        (530, vec![2, 2]),
    ];
    let fields = with(fields.to_vec(), more);
    tiff((SIZE.0 as u32, SIZE.1 as u32), &fields, data)
}

/// Some programs write the header of a scan into each piece, and some do not.
#[test]
fn the_old_form_may_be_in_pieces() {
    let strips = strips();
    let expected: Vec<u8> = strips.iter().flat_map(|strip| read(strip).pixels).collect();
    // The tables have numbers in a JPEG, and offsets in a TIFF. They are put behind it.
    let (all, scan) = segments(&strips[0]);
    let header = usize::from(scan[3]) + 2;
    for skipped in [0, header] {
        let data = strips
            .iter()
            .map(|strip| segments(strip).1[skipped..].to_vec());
        let data: Vec<_> = data.collect();
        let file = |quantization: Vec<u32>, first: Vec<u32>, others: Vec<u32>| {
            in_pieces(
                &data,
                &[(519, &quantization), (520, &first), (521, &others)],
            )
        };
        let length = file(vec![1; 3], vec![1; 3], vec![1; 3]).len();
        let mut tables = Vec::new();
        let mut offsets = |kind: u8, heads: [u8; 2], length: usize| {
            let of = heads.map(|head| {
                let is_it = |(of, data): &&(u8, &[u8])| *of == kind && data[0] == head;
                let (_, data) = all.iter().find(is_it).expect("a table");
                tables.extend_from_slice(&data[1..]);
                (length + tables.len() - data.len() + 1) as u32
            });
            vec![of[0], of[1], of[1]]
        };
        let [quantization, first, others] = [(0xdb, 0), (0xc4, 0), (0xc4, 0x10)]
            .map(|(kind, class)| offsets(kind, [class, class + 1], length));
        let mut file = file(quantization, first, others);
        file.extend_from_slice(&tables);
        let photo = read(&file);
        near(&photo.pixels, &expected);
        // It ends within a table.
        let cut = &file[..file.len() - tables.len() + 10];
        assert!(decode(cut, false, LIMITS, Vec::new()).is_err());
    }
}

/// The other tags of tables are ignored then: some programs left them as they were when they moved
/// the tables.
#[test]
fn a_jpeg_without_its_data_may_have_the_tables() {
    let strips = strips();
    let expected: Vec<u8> = strips.iter().flat_map(|strip| read(strip).pixels).collect();
    let (_, scan) = segments(&strips[0]);
    let header = usize::from(scan[3]) + 2;
    // The header of the scan is in the first piece.
    let data = strips.iter().enumerate().map(|(index, strip)| {
        let skipped = if index == 0 { 0 } else { header };
        segments(strip).1[skipped..].to_vec()
    });
    let data: Vec<_> = data.collect();
    let file = |at: u32| in_pieces(&data, &[(513, &[at]), (519, &[9; 3])]);
    let mut file = file(file(1).len() as u32);
    file.extend(&strips[0][..strips[0].len() - 2 - scan.len()]);
    near(&read(&file).pixels, &expected);
}

/// Red and blue of the same luma, four columns each: so pixels that share a colour are all red or
/// all blue.
#[test]
fn pixels_that_share_a_colour_are_not_mixed_with_others() {
    let (width, height) = (32, 16);
    let colour = |i: usize| {
        if i % 8 < 4 {
            [150, 60, 60]
        } else {
            [60, 79, 200]
        }
    };
    let pixels: Vec<u8> = (0..width * height).flat_map(colour).collect();
    let encoder = Encoder::new(&pixels, width, height, PixelFormat::Rgb);
    let jpeg = encoder
        .quality(100)
        .subsampling(Subsampling::S420)
        .encode()
        .unwrap();
    let old = with(fields(8, 6, 3), &[(259, &[6]), (513, &[8]), (530, &[2, 2])]);
    let photo = read(&tiff((width as u32, height as u32), &old, &[jpeg]));
    for (is, was) in photo.pixels.iter().zip(&pixels) {
        assert!(is.abs_diff(*was) < 12, "{is} for {was}");
    }
}
