//! Kinds of JPEGs: those that can't be read, and those that the fast decoder can't read.

use zune_core::colorspace::ColorSpace;

use super::{ARITHMETIC, Channel, Header, LOSSLESS, PROGRESSIVE};
use crate::codec::jpeg::{ADOBE, EXTENDED, START_OF_FRAME, TRANSFORM, data, segments};

impl Header {
    /// Returns why a photo of this layout can't be read. No camera is known to write such files.
    /// `zune-jpeg` 0.5.15 accepts some of them, and decodes garbage or panics: seen with files of
    /// all kinds that the C library's `cjpeg` can write, compared with the output of its `djpeg`.
    pub fn unreadable(&self) -> Option<&'static str> {
        self.scan?;
        match self.frame {
            START_OF_FRAME | EXTENDED | PROGRESSIVE | LOSSLESS | ARITHMETIC => {}
            0xca | 0xcb => return Some("a progressive or lossless JPEG with arithmetic coding"),
            _ => return Some("a JPEG in several layers"),
        }
        if self.bits != 8 {
            return Some("a JPEG with more than 8 bits a channel");
        }
        if !matches!(self.channels.len(), 1 | 3 | 4) {
            return Some("a JPEG with neither 1, 3 nor 4 channels");
        }
        let (across, down) = self.most();
        let divides = |of: &Channel| {
            of.across > 0
                && of.down > 0
                && across % usize::from(of.across) == 0
                && down % usize::from(of.down) == 0
        };
        if !self.channels.iter().all(divides) {
            return Some("a JPEG in which an unusual number of pixels share a colour");
        }
        (self.is_lossless() && (across, down) != (1, 1))
            .then_some("a lossless JPEG with colours that pixels share")
    }

    /// Whether it is a rare kind, of which the fast decoder would decode garbage, or nothing.
    pub fn is_rare(&self) -> bool {
        let shares = |of: &Channel| (of.across, of.down) != (1, 1);
        let several = self.channels.len() == 3
            || self.channels.len() == 4 && self.channels.iter().any(shares);
        let in_planes = several && !self.interleaved && self.frame != PROGRESSIVE;
        let Some(first) = self.channels.first() else {
            return false;
        };
        let more = |of: &Channel| of.across > first.across || of.down > first.down;
        let unusual = |of: &Channel| more(of) || !of.across.is_power_of_two() || of.down == 0;
        in_planes || self.is_lossless() || self.is_arithmetic() || self.channels.iter().any(unusual)
    }

    /// Whether there is only one unit across, and two columns share a colour. The fast decoder
    /// mixes these few colours with what fills the unit.
    pub fn is_narrow(&self) -> bool {
        self.width <= 16 && self.channels.len() > 1 && self.most().0 == 2
    }

    /// Whether it has scans that refine each other. The fast decoder takes data that are missing in
    /// them for zeros, without a word.
    pub fn is_refined(&self) -> bool {
        self.frame == PROGRESSIVE
    }

    /// Whether each sample is stored by itself, without blocks.
    pub fn is_lossless(&self) -> bool {
        self.frame == LOSSLESS
    }

    /// Whether it has arithmetic coding, and not Huffman's codes.
    pub fn is_arithmetic(&self) -> bool {
        self.frame == ARITHMETIC
    }

    /// Whether three channels are red, green and blue, or four are inks, as the C library guesses
    /// it. Otherwise the first three are luma and chroma. Lossless ones are red, green and blue
    /// even with a JFIF header, unless Adobe's segment says otherwise: a conversion loses.
    pub fn is_rgb(&self, jpeg: &[u8]) -> bool {
        let rest_of = |kind: u8, name: &[u8]| {
            let all = segments(jpeg).filter(|(of, _)| *of == kind);
            all.filter_map(|(_, at)| data(jpeg, at).strip_prefix(name))
                .last()
        };
        let are_inks = self.channels.len() == 4;
        let names: Vec<u8> = self.channels.iter().map(|of| of.name).collect();
        let is_jfif = rest_of(0xe0, b"JFIF\0").is_some();
        match rest_of(ADOBE, b"Adobe") {
            // Behind the version and flags, the transform.
            Some(rest) if !is_jfif || are_inks || self.is_lossless() => {
                rest.get(TRANSFORM) == Some(&0)
            }
            _ => are_inks || self.is_lossless() || !is_jfif && names == *b"RGB",
        }
    }

    /// Whether the fast decoder takes the channels for others than the C library does. It believes
    /// Adobe's segment and the channels' names even where there is a JFIF header.
    pub fn is_misjudged(&self, jpeg: &[u8], guess: Option<ColorSpace>) -> bool {
        match self.channels.len() {
            1 => guess != Some(ColorSpace::Luma),
            // Three channels of which Adobe's segment says that they are RGB are first taken for
            // inks.
            _ => matches!(guess, Some(ColorSpace::RGB | ColorSpace::CMYK)) != self.is_rgb(jpeg),
        }
    }
}
