//! The first picture of a GIF.

use std::borrow::Cow;
use std::num::NonZeroU64;

use anyhow::{Context, Result, bail};
use gif::{ColorOutput, DecodeOptions, Decoder, MemoryLimit};

use super::Photo;
use super::metadata::Metadata;

/// The most bytes of a picture: as many as the screen may have by default.
const MOST_BYTES: NonZeroU64 = NonZeroU64::new(1_000_000_000).unwrap();

/// Why a GIF is refused.
const DAMAGED: &str = "the GIF is damaged or cut short";

/// Where the flags of the screen are, of which one tells whether it has a colour table, and where
/// that begins.
const FLAGS: usize = 10;
const TABLE: usize = 13;

/// The kinds of extensions that are known: a text, what is true of the next picture, a comment, and
/// what programs add.
const EXTENSIONS: [u8; 4] = [0x01, 0xf9, COMMENT, 0xff];
const COMMENT: u8 = 0xfe;

/// Returns a GIF with those faults mended that the decoder refuses: extensions of unknown kinds,
/// and a first picture without colours.
pub fn mended(gif: &[u8]) -> Cow<'_, [u8]> {
    match with_known_extensions(gif) {
        Some(file) => Cow::Owned(with_colours(&file).into_owned()),
        None => with_colours(gif),
    }
}

/// Returns a GIF in which extensions of unknown kinds before the first picture are comments. A
/// decoder has to pass over them, as it does over comments (GIF89a, section 11). `None` if there
/// are none.
fn with_known_extensions(gif: &[u8]) -> Option<Vec<u8>> {
    let flags = *gif.get(FLAGS)?;
    let colours = if flags & 0x80 > 0 {
        2 << (flags & 7)
    } else {
        0
    };
    let mut at = TABLE + 3 * colours;
    let mut unknown = Vec::new();
    while let Some([0x21, kind]) = gif.get(at..at + 2) {
        if !EXTENSIONS.contains(kind) {
            unknown.push(at + 1);
        }
        at += 2;
        // Blocks of data, each behind its length, up to an empty one.
        while let Some(length @ 1..) = gif.get(at) {
            at += 1 + usize::from(*length);
        }
        at += 1;
    }
    let mut file = (!unknown.is_empty()).then(|| gif.to_vec())?;
    for at in unknown {
        file[at] = COMMENT;
    }
    Some(file)
}

/// Returns a GIF whose first picture has no colours with a table of greys, which begins with black
/// and white (GIF89a, section 21). Other files are returned as they are.
fn with_colours(gif: &[u8]) -> Cow<'_, [u8]> {
    let has_table = gif.get(FLAGS).is_none_or(|flags| flags & 0x80 > 0);
    if has_table || gif.len() < TABLE || Gif::open(gif).is_ok() {
        return Cow::Borrowed(gif);
    }
    let greys = [0, 255].into_iter().chain(2..=255);
    let greys = greys.flat_map(|grey| [grey; 3]);
    let mut file: Vec<u8> = gif[..TABLE].iter().copied().chain(greys).collect();
    file.extend(&gif[TABLE..]);
    // A table of 256 colours.
    file[FLAGS] |= 0x87;
    Cow::Owned(file)
}

/// A GIF whose header was read, and that of its first picture.
pub struct Gif<'a> {
    bytes: &'a [u8],
    decoder: Decoder<&'a [u8]>,
    /// The width and the height.
    size: (usize, usize),
}

impl<'a> Gif<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// If it is damaged, or there is no picture.
    pub fn open(bytes: &'a [u8]) -> Result<Self> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        options.check_lzw_end_code(true);
        // A picture may claim to be larger than the screen.
        options.set_memory_limit(MemoryLimit::Bytes(MOST_BYTES));
        let mut decoder = options.read_info(bytes).ok().context(DAMAGED)?;
        let Ok(Some(frame)) = decoder.next_frame_info() else {
            bail!(DAMAGED);
        };
        let right = usize::from(frame.left) + usize::from(frame.width);
        let bottom = usize::from(frame.top) + usize::from(frame.height);
        let screen = (decoder.width().into(), decoder.height().into());
        Ok(Self {
            bytes,
            decoder,
            size: (right.max(screen.0), bottom.max(screen.1)),
        })
    }

    /// The width and the height of the screen on which the pictures are drawn. It is as large as
    /// its header says, or larger if the first picture reaches over its edge.
    pub fn size(&self) -> (usize, usize) {
        self.size
    }

    /// Draws the first picture.
    ///
    /// # Errors
    /// If it is damaged or cut short.
    pub fn decode(mut self) -> Result<Photo> {
        let (width, height) = self.size;
        let mut pixels = self.background().repeat(width * height);
        let mut drawn = vec![0; self.decoder.buffer_size()];
        if self.decoder.read_into_buffer(&mut drawn).is_err() {
            bail!(DAMAGED);
        }
        let frame = self.decoder.current_frame_info().context(DAMAGED)?;
        let (left, top) = (usize::from(frame.left), usize::from(frame.top));
        let stride = 4 * usize::from(frame.width);
        for (row, y) in drawn.chunks_exact(stride.max(1)).zip(top..) {
            let start = 4 * (y * width + left);
            pixels[start..start + stride].copy_from_slice(row);
        }
        let opaque = pixels.iter().skip(3).step_by(4).all(|alpha| *alpha == 255);
        if opaque {
            pixels = pixels
                .chunks_exact(4)
                .flat_map(|of| [of[0], of[1], of[2]])
                .collect();
        }
        Ok(Photo {
            width,
            height,
            channels: if opaque { 3 } else { 4 },
            pixels,
            metadata: Metadata {
                left_out: self.other_frames(),
                ..Metadata::default()
            },
            ..Photo::default()
        })
    }

    /// The colour of the pixels that the first picture does not cover: the background colour of the
    /// screen (GIF89a, section 18). A picture with transparent pixels has a transparent background,
    /// as programs draw it.
    fn background(&self) -> [u8; 4] {
        let frame = self.decoder.current_frame_info();
        let has_transparency = frame.is_some_and(|frame| frame.transparent.is_some());
        let index = self.decoder.bg_color().filter(|_| !has_transparency);
        let colours = self.decoder.global_palette().unwrap_or_default();
        match index.and_then(|index| colours.chunks_exact(3).nth(index)) {
            Some(of) => [of[0], of[1], of[2], 255],
            None => [0; 4],
        }
    }

    fn other_frames(&self) -> Option<String> {
        let mut options = DecodeOptions::new();
        options.skip_frame_decoding(true);
        let mut frames = options.read_info(self.bytes).ok()?;
        let mut count = 0;
        while let Ok(Some(_)) = frames.next_frame_info() {
            count += 1;
        }
        (count > 1).then(|| super::first_of_frames(count))
    }
}
