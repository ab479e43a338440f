//! JPEG to pixels, with its metadata.

use std::cell::OnceCell;
use std::ops::Range;

use anyhow::{Error, Result, bail};
use zune_core::colorspace::ColorSpace;

use super::entropy::Layout;
use super::frequencies::{Band, Luma};
use super::header::{Header, Scans};
use super::metadata::{self, Metadata, exif_block};
use super::parts::{self, Part};
use super::upright::is_upright;
use super::{Frequencies, Need, Photo, frequencies, jpeg, memory, plain, planes, sentence, shrunk};

/// A JPEG whose header was read.
pub struct Jpeg<'a> {
    bytes: &'a [u8],
    header: Header,
    decoder: jpeg::Decoder<'a>,
    scans: OnceCell<Result<Scans, &'static str>>,
    layout: OnceCell<Option<Layout>>,
    frequencies: OnceCell<Option<frequencies::Scan>>,
    planes: OnceCell<Option<planes::Scan>>,
    upright: OnceCell<bool>,
    /// The number of bytes that [belong to no block](super::entropy::UNREAD).
    unread: usize,
    pub size: (usize, usize),
}

impl<'a> Jpeg<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// If it is damaged, or of a kind that the decoder does not read.
    pub fn open(bytes: &'a [u8]) -> Result<Self> {
        let header = Header::read(bytes);
        if let Some(why) = header.unreadable() {
            bail!(sentence(why));
        }
        let mut decoder = jpeg::decoder(bytes, ColorSpace::RGB);
        // The decoder's own words are for those who know the format's tables. Of a rare kind it has
        // read the metadata before it refuses the frame.
        if decoder.decode_headers().is_err() && !header.is_rare() {
            bail!("the JPEG is damaged or cut short in its header");
        }
        let size: (usize, usize) = header.size().into();
        Ok(Self {
            bytes,
            header,
            decoder,
            scans: OnceCell::new(),
            layout: OnceCell::new(),
            frequencies: OnceCell::new(),
            planes: OnceCell::new(),
            upright: OnceCell::new(),
            unread: 0,
            size,
        })
    }

    /// Checks what is behind the header, once. The decoder notices missing data, but neither a
    /// missing end marker, which is all that is missing where a copy stopped in the last few bytes,
    /// nor a wrong restart marker.
    fn scans(&self) -> Result<&Scans> {
        let scans = || self.header.check_scans(self.bytes);
        let scans = self.scans.get_or_init(scans).as_ref();
        scans.map_err(|why| Error::msg(*why))
    }

    /// The tables of the only scan, if they are of a usual kind.
    fn layout(&self) -> Option<&Layout> {
        let layout = || {
            let layout = Layout::read(self.bytes, &self.header, self.scans().ok()?);
            layout.ok().flatten()
        };
        self.layout.get_or_init(layout).as_ref()
    }

    /// The scan whose frequencies are asked for, if it can be read and nothing has to be turned.
    fn frequencies(&self, need: Need) -> Option<&frequencies::Scan> {
        let scan = self.luma(need).filter(|_| need.frequencies);
        scan.filter(|_| self.is_upright())
    }

    fn is_upright(&self) -> bool {
        *self.upright.get_or_init(|| is_upright(&self.metadata()))
    }

    /// The scan whose luma is asked for, if it can be read.
    fn luma(&self, need: Need) -> Option<&frequencies::Scan> {
        let scan = || {
            let scans = self.usual_scans()?;
            // What is damaged in it is said when it is decoded to pixels.
            let scan = frequencies::Scan::read(self.bytes, &self.header, scans);
            scan.ok().flatten()
        };
        let is_asked_for = need.luma && need.longer_side.is_none();
        let scan = is_asked_for.then(|| self.frequencies.get_or_init(scan));
        scan?.as_ref()
    }

    /// The picture, if the pixels of its luma are asked for and can be decoded in two steps, in
    /// memory that is made large enough.
    pub fn in_steps<'b>(&'b self, need: Need, pixels: &'b mut Vec<u8>) -> Option<Luma<'b>> {
        let scan = self.luma(need)?;
        if self.frequencies(need).is_some() {
            return None;
        }
        *pixels = memory(std::mem::take(pixels), self.size.0 * self.size.1);
        Some(scan.luma(self.bytes, pixels))
    }

    /// The scan whose planes are asked for, if it can be read. In a picture whose sides are even,
    /// each colour is in the middle of four pixels, and so it is when the picture is turned.
    fn planes(&self, need: Need) -> Option<&planes::Scan> {
        let scan = || {
            let scans = self.usual_scans()?;
            let scan = planes::Scan::read(self.bytes, &self.header, scans);
            let can_be_turned = self.size.0.is_multiple_of(2) && self.size.1.is_multiple_of(2);
            let fits = || can_be_turned || self.is_upright();
            scan.ok().flatten().filter(|_| fits())
        };
        let is_asked_for = need.planes && !need.luma && need.longer_side.is_none();
        is_asked_for
            .then(|| self.planes.get_or_init(scan))?
            .as_ref()
    }

    /// The scans of a picture whose first channel is luma, if they are whole.
    fn usual_scans(&self) -> Option<&Scans> {
        let usual = self.has_luma() && !self.header.is_rare();
        self.scans().ok().filter(|_| usual)
    }

    /// Whether its first channel is the luma of the picture.
    fn has_luma(&self) -> bool {
        match self.header.channels().len() {
            3 => !self.header.is_rgb(self.bytes),
            channels => channels == 1,
        }
    }

    /// Whether it is left to [`plain`]. In scans that refine each other, the fast decoder takes
    /// missing data for zeros, without a word.
    fn is_plain(&self, need: Need) -> bool {
        let narrow = self.header.is_narrow() && !(need.luma && self.has_luma());
        self.header.is_rare()
            || !self.header.is_sequential()
            || narrow
            || self
                .header
                .is_misjudged(self.bytes, self.decoder.input_colorspace())
    }

    /// What the decoder is asked for. `None` if the JPEG is neither grey nor in luma and chroma.
    fn wanted(&self, need: Need) -> Option<ColorSpace> {
        if self.is_plain(need) {
            return None;
        }
        let can_be_luma = self.header.has_luma();
        match self.decoder.input_colorspace()? {
            ColorSpace::Luma => Some(ColorSpace::Luma),
            ColorSpace::YCbCr if need.luma && can_be_luma => Some(ColorSpace::Luma),
            ColorSpace::YCbCr => Some(ColorSpace::RGB),
            // Only YCbCr has a luma channel to give; an RGB or CMYK JPEG is decoded whole.
            _ => None,
        }
    }

    /// Divides the picture among so many workers, see [`parts`].
    pub fn parts<'b>(
        &'b self,
        need: Need,
        workers: usize,
        memory: &'b mut Vec<u8>,
    ) -> Vec<Part<'b>> {
        if let Some(scan) = self.frequencies(need) {
            let parts = scan.parts(self.bytes, &self.header, workers, memory);
            return parts.into_iter().map(Part::Frequencies).collect();
        }
        if let Some(scan) = self.luma(need) {
            let shares = scan.shares(&self.header, workers);
            if !shares.is_empty() {
                *memory = super::memory(std::mem::take(memory), self.size.0 * self.size.1);
            }
            let parts = scan.luma_parts(self.bytes, shares, memory);
            return parts.into_iter().map(Part::Luma).collect();
        }
        if let Some(scan) = self.planes(need) {
            let parts = scan.parts(self.bytes, &self.header, workers, memory);
            return parts.into_iter().map(Part::Planes).collect();
        }
        let of = (self.wanted(need), self.scans(), self.layout());
        let (Some(wanted), Ok(scans), Some(layout)) = of else {
            return Vec::new();
        };
        if need.longer_side.is_some() {
            return Vec::new();
        }
        let of = (layout, wanted);
        parts::divided(self.bytes, &self.header, scans, of, workers, memory)
    }

    /// Makes a photo of [`parts`](Self::parts) that were decoded to these places in `memory`, or of
    /// what was decoded [`in_steps`](Self::in_steps) there.
    ///
    /// # Errors
    /// If the file has no end.
    pub fn joined(self, need: Need, memory: Vec<u8>, places: &[Range<usize>]) -> Result<Photo> {
        match (self.frequencies(need), self.planes(need)) {
            (Some(scan), _) => self.grey(scan.joined(memory)),
            (_, Some(scan)) => self.in_planes(scan.joined(memory)),
            _ if self.luma(need).is_some() => self.photo(memory),
            _ => self.photo(parts::joined(memory, places)),
        }
    }

    /// Decodes what is needed of the picture into the memory of `spare`.
    ///
    /// # Errors
    /// If it is damaged or cut short.
    pub fn decode(mut self, need: Need, mut spare: Vec<u8>) -> Result<Photo> {
        const DAMAGED: &str = "the JPEG is damaged";
        // If that fails, the decoder of pixels says why, or can decode it.
        if let Some(scan) = self.frequencies(need)
            && scan.decode(self.bytes, &mut spare).is_ok()
        {
            return self.grey(scan.joined(spare));
        }
        if let Some(luma) = self.in_steps(need, &mut spare)
            && luma.read(Band::transform).is_ok()
        {
            return self.photo(spare);
        }
        if let Some(scan) = self.planes(need)
            && scan.decode(self.bytes, &mut spare).is_ok()
        {
            return self.in_planes(scan.joined(spare));
        }
        let wanted = self.wanted(need);
        let scans = self.scans()?;
        if let Some(side) = need.longer_side.filter(|_| wanted.is_some() && !need.luma) {
            let small = shrunk::decode(self.bytes, &self.header, scans, side, &mut spare);
            if let Some((size, unread)) = small.or_else(|_| bail!(DAMAGED))? {
                (self.size, self.unread) = (size, unread);
                return self.photo(spare);
            }
        }
        // Where data are missing, the fast decoder takes zeros for them, without a word.
        let layout = self.layout().filter(|_| !self.is_plain(need));
        let Some(layout) = layout else {
            let is_luma = self.header.channels().len() == 1 || need.luma && self.has_luma();
            let decoded = match is_luma {
                true => plain::luma(self.bytes, &self.header, spare)?,
                false => plain::rgb(self.bytes, &self.header, spare)?,
            };
            self.unread = decoded.unread;
            return self.photo(decoded.pixels);
        };
        let checked = layout.check(self.bytes, &layout.whole());
        self.unread = checked.or_else(|_| bail!(DAMAGED))?;
        // Other channels, such as inks, are decoded to RGB.
        let wanted = wanted.unwrap_or(ColorSpace::RGB);
        spare = memory(spare, self.size.0 * self.size.1 * wanted.num_components());
        let decoded = jpeg::decoder(self.bytes, wanted).decode_into(&mut spare);
        decoded.or_else(|_| bail!(DAMAGED))?;
        self.photo(spare)
    }

    /// Makes a photo of the pixels that were decoded.
    ///
    /// # Errors
    /// If the file has no end.
    fn photo(&self, pixels: Vec<u8>) -> Result<Photo> {
        let (width, height) = self.size;
        Ok(Photo {
            channels: pixels.len() / (width * height),
            pixels,
            ..self.without_pixels()?
        })
    }

    /// Makes a photo of frequencies.
    fn grey(&self, frequencies: Frequencies) -> Result<Photo> {
        Ok(Photo {
            channels: 1,
            frequencies: Some(frequencies),
            ..self.without_pixels()?
        })
    }

    /// Adds to planes what else is in the file.
    fn in_planes(&self, planes: Photo) -> Result<Photo> {
        let Photo { metadata, .. } = self.without_pixels()?;
        Ok(Photo { metadata, ..planes })
    }

    fn without_pixels(&self) -> Result<Photo> {
        let (width, height) = self.size;
        Ok(Photo {
            width,
            height,
            metadata: Metadata {
                left_out: metadata::of_jpeg::left_out(self.bytes, self.scans()?.end, self.unread),
                ..self.metadata()
            },
            ..Photo::default()
        })
    }

    fn metadata(&self) -> Metadata {
        Metadata {
            icc: self.decoder.icc_profile(),
            exif: self.decoder.exif().and_then(|exif| exif_block(exif)),
            ..metadata::of_jpeg::read(self.bytes)
        }
    }
}
