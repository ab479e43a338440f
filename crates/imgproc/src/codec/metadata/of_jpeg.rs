//! What the segments of a JPEG say besides the picture.

use super::{Density, Metadata, photoshop};
use crate::codec::ifd::Structure;
use crate::codec::jpeg;

const APP_0: u8 = 0xe0;
const APP_1: u8 = 0xe1;
const APP_2: u8 = 0xe2;
const APP_13: u8 = 0xed;
/// The number of pictures in the index of all pictures.
const PICTURES: u16 = 0xb001;
const SECOND_PACKET: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const XMP_PREFIX: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// Reads the metadata that the decoder does not give: XMP, Photoshop's, and the resolution.
pub fn read(bytes: &[u8]) -> Metadata {
    let (mut metadata, mut resources) = (Metadata::default(), Vec::new());
    for (kind, at) in jpeg::segments(bytes) {
        let data = jpeg::data(bytes, at);
        match kind {
            APP_0 => metadata.density = metadata.density.or_else(|| density(data)),
            APP_1 => {
                if let Some(xmp) = data.strip_prefix(XMP_PREFIX) {
                    metadata.xmp = Some(xmp.to_vec());
                }
            }
            // What does not fit into one segment goes on in the next.
            APP_13 => resources.extend(data.strip_prefix(photoshop::PREFIX).unwrap_or_default()),
            _ => {}
        }
    }
    metadata.photoshop = Some(resources).filter(|resources| !resources.is_empty());
    metadata
}

/// Says what a phone's photo has besides the picture: other pictures, as of depth or brightness
/// (CIPA DC-007, *Multi-Picture Format*), and a video, both behind the end of the JPEG. And so many
/// bytes may [belong to no block](crate::codec::entropy::UNREAD).
pub fn left_out(bytes: &[u8], end: usize, unread: usize) -> Option<String> {
    let mut parts = jpeg::segments(bytes).filter(|(kind, _)| *kind == APP_2);
    let index = parts.find_map(|(_, at)| jpeg::data(bytes, at).strip_prefix(b"MPF\0"));
    let pictures = index.and_then(|index| {
        let structure = Structure::open(index)?;
        let directory = structure.directory(structure.first)?;
        let count = structure.numbers(directory.find(PICTURES)?);
        count.first()?.checked_sub(1).filter(|others| *others > 0)
    });
    let behind = bytes.get(end..).unwrap_or_default();
    let pictures = pictures.map(|others| match others {
        1 => "the second picture in the file".to_owned(),
        _ => format!("the {others} other pictures in the file"),
    });
    let another = pictures.is_none() && behind.starts_with(&[0xff, 0xd8, 0xff]);
    let mut parts = jpeg::segments(bytes).filter(|(kind, _)| *kind == APP_1);
    let second_packet = parts.any(|(_, at)| jpeg::data(bytes, at).starts_with(SECOND_PACKET));
    let video = behind.windows(4).any(|four| four == b"ftyp");
    let others = [
        another.then(|| "the second picture in the file".to_owned()),
        second_packet.then(|| "the pictures in its second packet of XMP".to_owned()),
        video.then(|| "the video in the file".to_owned()),
    ];
    let all: Vec<_> = pictures
        .into_iter()
        .chain(others.into_iter().flatten())
        .chain(crate::codec::unread(unread))
        .collect();
    crate::codec::listed(&all)
}

/// Reads the resolution of JFIF 1.02: behind its name and version.
fn density(data: &[u8]) -> Option<Density> {
    let rest = data.strip_prefix(b"JFIF\0")?;
    let dots = |at| {
        Some(f64::from(u16::from_be_bytes(
            *rest.get(at..)?.first_chunk()?,
        )))
    };
    let dots = [dots(3)?, dots(5)?];
    match rest.get(2)? {
        1 => Density::per_inch(dots),
        2 => Density::per_centimetre(dots),
        // Only the ratio is known.
        _ => None,
    }
}
