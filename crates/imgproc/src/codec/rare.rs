//! The JPEGs that `zune-jpeg` 0.5.15 reads wrongly, and mostly without a word: channels in several scans where rows share a colour
//! (`cjpeg -scans` writes them), or a first channel with fewer samples than another. Cameras write neither. `jpeg-decoder` reads them: it is
//! slower, starts threads of its own, and gets corrections only. 879 files of all kinds were made with the C library's `cjpeg`: the pixels
//! of each were its `djpeg`'s, within 1 on the mean, or it was refused with a reason. zune-jpeg 0.5.16-rc3 is right about one channel a
//! scan and about RGB of the second kind, and still wrong where a scan has two channels of three: look again with later ones.

use anyhow::{Context, Result, bail};
use jpeg_decoder::{Decoder, PixelFormat};

use super::jpeg::Layout;
use super::{Metadata, Photo};

impl Layout {
    /// Whether it is one of these.
    pub fn is_rare(&self) -> bool {
        let is_quick =
            |&(across, down): &(u8, u8)| across.is_power_of_two() && down.is_power_of_two();
        let is_in_pieces = !self.interleaved && !self.progressive;
        match self.sampling.as_slice() {
            [only] => !is_quick(only),
            [first, second, third] => {
                is_in_pieces || !is_quick(first) || [*second, *third] != [(1, 1); 2]
            }
            // Four are inks.
            _ => is_in_pieces,
        }
    }

    /// Whether the quick decoder can give luma alone. Where more rows than columns share a colour, it gives something else.
    pub fn has_quick_luma(&self) -> bool {
        self.sampling
            .first()
            .is_some_and(|(across, down)| across >= down)
    }
}

/// Decodes to RGB, or to luma if there is nothing else.
///
/// # Errors
/// If the bytes are damaged, or hold inks, or more than 8 bits or 10 blocks a unit.
pub fn decode(bytes: &[u8], layout: &Layout) -> Result<Photo> {
    let blocks = layout
        .sampling
        .iter()
        .map(|(across, down)| u32::from(across * down));
    if blocks.sum::<u32>() > 10 {
        bail!("a JPEG with more samples a unit than scans may have (T.81, B.2.3)");
    }
    let mut decoder = Decoder::new(bytes);
    let pixels = decoder.decode().context("damaged JPEG")?;
    let info = decoder.info().context("a JPEG without a size")?;
    let channels = match info.pixel_format {
        PixelFormat::L8 => 1,
        PixelFormat::RGB24 => 3,
        other => bail!("a JPEG with a scan for each channel, in {other:?}, is not supported"),
    };
    Ok(Photo {
        width: usize::from(info.width),
        height: usize::from(info.height),
        channels,
        pixels,
        metadata: Metadata {
            icc: decoder.icc_profile(),
            exif: decoder.exif_data().map(<[u8]>::to_vec),
        },
    })
}

#[cfg(test)]
mod tests {
    use libjpeg_turbo_rs::{Encoder, PixelFormat};

    use super::super::jpeg::{START_OF_FRAME, START_OF_SCAN, layout, segment};
    use super::super::{Limits, decode, probe};

    const SIZE: (usize, usize) = (131, 77);

    const LIMITS: Limits = Limits {
        max_pixels: 1 << 20,
    };

    /// Y, Cb and Cr, each in a scan of its own: what is in each scan is what is in a grey JPEG of that channel.
    fn a_scan_for_each(across: usize, down: usize) -> Vec<u8> {
        let small = (SIZE.0.div_ceil(across), SIZE.1.div_ceil(down));
        let y = plane(SIZE, luma, (1, 1));
        let cb = plane(small, blue, (across, down));
        let cr = plane(small, red, (across, down));

        let frame = segment(&y, START_OF_FRAME).unwrap();
        // The marker, the length of 17, and all up to the number of channels as it was.
        let mut file = y[..frame + 2].to_vec();
        file.extend([0, 17]);
        file.extend(&y[frame + 4..frame + 9]);
        file.push(3);
        for (channel, sampling) in [(1, across * 16 + down), (2, 0x11), (3, 0x11)] {
            file.extend([channel, sampling as u8, 0]);
        }
        // The frame of one channel was 11 bytes long.
        file.extend(&y[frame + 2 + 11..y.len() - 2]);
        for (channel, of) in [(2, cb), (3, cr)] {
            let mut scan = of[segment(&of, START_OF_SCAN).unwrap()..of.len() - 2].to_vec();
            // Behind the marker, the length and the number of channels.
            scan[5] = channel;
            file.extend(scan);
        }
        file.extend([0xff, 0xd9]);
        file
    }

    /// One channel, as a grey JPEG, of samples that stand for `scale` pixels across and down.
    fn plane(
        (width, height): (usize, usize),
        shade: fn(usize, usize) -> usize,
        scale: (usize, usize),
    ) -> Vec<u8> {
        let shade = |i| shade(i % width * scale.0, i / width * scale.1) as u8;
        let pixels: Vec<u8> = (0..width * height).map(shade).collect();
        let encoder = Encoder::new(&pixels, width, height, PixelFormat::Grayscale);
        encoder.quality(95).encode().unwrap()
    }

    fn luma(x: usize, y: usize) -> usize {
        60 + x / 2 + y
    }

    fn blue(x: usize, _: usize) -> usize {
        100 + x / 4
    }

    fn red(_: usize, y: usize) -> usize {
        100 + y / 2
    }

    #[test]
    fn a_scan_for_each_channel() {
        for (across, down) in [(1, 1), (2, 1), (2, 2), (1, 2), (4, 1), (1, 4)] {
            let file = a_scan_for_each(across, down);
            let layout = layout(&file).unwrap();
            assert_eq!(layout.size, SIZE);
            assert!(layout.is_rare());
            assert_eq!(probe(&file, LIMITS).unwrap(), (SIZE.0 * SIZE.1) as u64);
            let small = Limits { max_pixels: 10_000 };
            assert!(decode(&file, false, small, Vec::new()).is_err());
            let photo = decode(&file, true, LIMITS, Vec::new()).unwrap();
            assert_eq!(
                (photo.width, photo.height, photo.channels),
                (SIZE.0, SIZE.1, 3)
            );
            for (i, pixel) in photo.pixels.chunks(3).enumerate() {
                let (x, y) = (i % SIZE.0, i / SIZE.0);
                let [light, cb, cr] = [luma(x, y), blue(x, y), red(x, y)].map(|of| of as f32);
                // JFIF 1.02: from YCbCr to RGB.
                let (cb, cr) = (cb - 128.0, cr - 128.0);
                let rgb = [
                    light + 1.402 * cr,
                    light - 0.344 * cb - 0.714 * cr,
                    light + 1.772 * cb,
                ];
                for (was, is) in rgb.iter().zip(pixel) {
                    let off = (was.clamp(0.0, 255.0) - f32::from(*is)).abs();
                    assert!(
                        off < 8.0,
                        "{across} x {down} at {x}, {y}: {rgb:?} is {pixel:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn cut_or_of_no_known_kind_it_is_an_error() {
        let mut file = a_scan_for_each(2, 2);
        for length in 0..file.len() {
            assert!(
                decode(&file[..length], false, LIMITS, Vec::new()).is_err(),
                "{length}"
            );
        }
        let frame = segment(&file, START_OF_FRAME).unwrap();
        file[frame + 11] = 0x42;
        file[frame + 14] = 0x21;
        let error = decode(&file, false, LIMITS, Vec::new()).unwrap_err();
        assert!(error.to_string().contains("more samples"), "{error:#}");
    }
}
