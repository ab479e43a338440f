//! TIFF files (TIFF 6.0, with Adobe's supplements). The crate `image` reads fewer kinds than people
//! have, and some of them wrongly, so the structure is read here, and crates decompress.
//!
//! `layout` says how the pixels lie in the file, and `colours` what they mean; both refuse what is
//! not understood. `unpack` decompresses a strip or a tile, `samples` makes bytes of samples with
//! any number of bits, and `rgb` makes grey or RGB of them.

use std::borrow::Cow;
use std::ops::Range;

use anyhow::{Result, bail};

use super::ifd::{Directory, Structure};
use super::metadata::{Metadata, exif, photoshop};
use super::{Photo, sentence};
use layout::{Kind, Layout};
use samples::Depth;

mod colours;
mod fax;
mod layout;
mod old_jpeg;
mod rgb;
mod samples;
mod unpack;
pub mod write;

const NEW_SUBFILE_TYPE: u16 = 254;
const XMP: u16 = 700;
const IPTC: u16 = 33_723;
const PHOTOSHOP: u16 = 34_377;
const ICC: u16 = 34_675;
const DNG_VERSION: u16 = 50_706;

/// The most directories that are looked at. Their offsets may form a cycle.
const MOST_PAGES: usize = 10_000;

/// A TIFF whose header was read.
#[derive(Debug)]
pub struct Tiff<'a> {
    structure: Structure<'a>,
    page: Directory,
    layout: Layout,
    /// The number of pages, of which the first is read.
    pages: usize,
}

impl<'a> Tiff<'a> {
    /// Reads the header of the first page.
    ///
    /// # Errors
    /// If it is damaged, or of a kind that is not supported.
    pub fn open(bytes: &'a [u8]) -> Result<Self> {
        let Some(structure) = Structure::open(bytes) else {
            bail!("a damaged TIFF: its header makes no sense");
        };
        let mut pages = pages(&structure);
        if pages.is_empty() {
            bail!("a damaged TIFF: it has no page");
        }
        let (page, count) = (pages.swap_remove(0), pages.len() + 1);
        if page.find(DNG_VERSION).is_some() {
            bail!(sentence("a camera's raw data"));
        }
        Ok(Self {
            layout: Layout::read(&structure, &page)?,
            structure,
            page,
            pages: count,
        })
    }

    /// The width and the height of the first page, as it is stored.
    pub fn size(&self) -> (usize, usize) {
        (self.layout.width, self.layout.height)
    }

    /// Decodes the first page into the memory of `spare`.
    ///
    /// # Errors
    /// If it is damaged or cut short.
    pub fn decode(&self, spare: Vec<u8>) -> Result<Photo> {
        let layout = &self.layout;
        let (mut clipped, mut unread) = (false, 0);
        let samples = if rgb::is_divided_first(layout) {
            let scaled = self.samples::<u16>(Vec::new(), &mut unread, |row| {
                samples::scaled(layout, row, &mut clipped).into()
            })?;
            rgb::divided_by_alpha(&scaled, layout.kept())
        } else {
            self.samples(spare, &mut unread, |row| {
                samples::to_bytes(layout, row, &mut clipped)
            })?
        };
        let (channels, pixels) = rgb::to_rgb(layout, samples);
        Ok(Photo {
            width: layout.width,
            height: layout.height,
            channels,
            bilevel: channels == 1 && layout.bits == 1,
            pixels,
            metadata: self.metadata(clipped, unread),
            ..Photo::default()
        })
    }

    /// Returns the samples of all pixels, in the memory of `out`, where `read` converts those of a
    /// row. Adds to `unread` the bytes that belong to no block.
    fn samples<T: Depth>(
        &self,
        mut out: Vec<T>,
        unread: &mut usize,
        mut read: impl for<'r> FnMut(&'r [u8]) -> Cow<'r, [T]>,
    ) -> Result<Vec<T>> {
        let layout = &self.layout;
        let kept = layout.kept();
        out.clear();
        out.resize(layout.width * layout.height * kept, T::default());
        for chunk in layout.chunks() {
            let bytes = unpack::unpack(layout, &chunk, self.structure.bytes, unread)?;
            let stride = bytes.len() / chunk.rows;
            let channels = if layout.planar { 1 } else { layout.samples };
            // Of a tile that reaches over the edge, only what is inside.
            let inside = (layout.height - chunk.top).min(chunk.rows);
            for (row, packed) in bytes.chunks_exact(stride).take(inside).enumerate() {
                let row_samples = read(packed);
                let start = (chunk.top + row) * layout.width;
                let out = &mut out[start * kept..(start + layout.width) * kept];
                let out = out.chunks_exact_mut(kept).skip(chunk.left);
                for (pixel, stored) in out.zip(row_samples.chunks_exact(channels)) {
                    match layout.planar {
                        true => pixel[chunk.plane] = stored[0],
                        false => pixel.copy_from_slice(&stored[..kept]),
                    }
                }
            }
        }
        Ok(out)
    }

    fn metadata(&self, clipped: bool, unread: usize) -> Metadata {
        let find = |tag| self.page.find(tag).map(|field| self.structure.value(field));
        // Photoshop's block contains IPTC, too, unless another program has written one of both.
        let iptc = find(IPTC).map(photoshop::of_iptc);
        let mut resources = find(PHOTOSHOP).map(<[u8]>::to_vec);
        if let Some(resources) = &mut resources
            && photoshop::iptc(resources).is_none()
        {
            resources.extend(iptc.iter().flatten());
        }
        let mut left_out = Vec::new();
        if self.pages > 1 {
            let others = self.pages - 1;
            left_out.push(format!(
                "{others} of its {} pages (only the first is read)",
                self.pages
            ));
        }
        left_out.extend(super::finer_bits(self.layout.bits));
        left_out.extend(super::unread(unread));
        if clipped {
            let what = match self.layout.kind {
                Kind::Float => "brightness below 0 and above 1",
                _ => "brightness below 0",
            };
            left_out.push(what.to_owned());
        }
        Metadata {
            icc: find(ICC).map(<[u8]>::to_vec),
            exif: exif::from_tiff(&self.structure, &self.page),
            xmp: find(XMP).map(<[u8]>::to_vec),
            photoshop: resources.or(iptc),
            density: exif::density_of(&self.structure, &self.page),
            left_out: super::listed(&left_out),
        }
    }
}

/// Returns the pages: all directories but those that say of themselves that they are a smaller
/// picture or a mask of another one, unless there are no others.
fn pages(structure: &Structure<'_>) -> Vec<Directory> {
    let (mut all, mut next) = (Vec::new(), structure.first);
    let mut seen = std::collections::HashSet::new();
    while all.len() < MOST_PAGES && seen.insert(next) {
        let Some(directory) = structure.directory(next) else {
            break;
        };
        next = directory.next;
        all.push(directory);
    }
    let is_page = |directory: &Directory| {
        let kind = directory.find(NEW_SUBFILE_TYPE);
        let kind = kind.and_then(|field| structure.numbers(field).first().copied());
        kind.unwrap_or_default() & 0b101 == 0
    };
    match all.iter().any(is_page) {
        true => all.into_iter().filter(is_page).collect(),
        false => all,
    }
}

/// A strip or a tile.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The index of its channel, if each channel is stored by itself.
    plane: usize,
    /// The place of its first pixel.
    left: usize,
    top: usize,
    /// Its size. A tile may reach over the edge of the picture.
    columns: usize,
    rows: usize,
    /// Where its compressed data is in the file.
    data: Range<usize>,
}

/// The message about a TIFF of a kind that is not supported.
fn refusal(what: &str) -> String {
    sentence(&format!("a TIFF with {what}"))
}
