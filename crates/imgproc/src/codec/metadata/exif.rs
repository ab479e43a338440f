//! EXIF blocks (CIPA DC-008). They are changed in place where that is possible, because cameras put
//! offsets into their own notes, which only they know.

use std::ops::Range;

use super::Density;
use crate::codec::ifd::{
    Directory, Field, LONG, NewField, RATIONAL, SHORT, Structure, Value, Writer,
};

const IMAGE_WIDTH: u16 = 256;
const IMAGE_HEIGHT: u16 = 257;
const ORIENTATION: u16 = 274;
const X_RESOLUTION: u16 = 282;
const Y_RESOLUTION: u16 = 283;
const RESOLUTION_UNIT: u16 = 296;
/// A unit of the resolution.
const INCH: u16 = 2;
const THUMBNAIL: u16 = 513;
const THUMBNAIL_LENGTH: u16 = 514;
const STRIPS: u16 = 273;
const STRIP_LENGTHS: u16 = 279;
const EXIF: u16 = 34_665;
const GPS: u16 = 34_853;
const INTEROPERABILITY: u16 = 40_965;
const PIXEL_WIDTH: u16 = 40_962;
const PIXEL_HEIGHT: u16 = 40_963;

/// Returns the orientation, 1 to 8.
pub fn orientation(exif: &[u8]) -> Option<u8> {
    let structure = Structure::open(exif)?;
    let main = structure.directory(structure.first)?;
    let value = *structure.numbers(main.find(ORIENTATION)?).first()?;
    (1..=8).contains(&value).then_some(value as u8)
}

/// Sets the orientation to 1, if there is one.
pub fn reset_orientation(exif: &mut [u8]) {
    set(exif, &[(None, ORIENTATION, 1)]);
}

/// Sets the picture's size wherever it is noted.
pub fn set_size(exif: &mut [u8], width: u32, height: u32) {
    let sizes = [
        (None, IMAGE_WIDTH, width),
        (None, IMAGE_HEIGHT, height),
        (Some(EXIF), PIXEL_WIDTH, width),
        (Some(EXIF), PIXEL_HEIGHT, height),
    ];
    set(exif, &sizes);
}

/// Overwrites fields that exist, in the main directory or in one below it.
fn set(exif: &mut [u8], values: &[(Option<u16>, u16, u32)]) {
    let Some(structure) = Structure::open(exif) else {
        return;
    };
    let big_endian = structure.big_endian;
    let found = values.iter().filter_map(|(below, tag, value)| {
        let mut directory = structure.directory(structure.first)?;
        if let Some(below) = below {
            directory = self::below(&structure, &directory, *below)?;
        }
        let field = *directory.find(*tag)?;
        Some((field, *value))
    });
    let found: Vec<(Field, u32)> = found.collect();
    for (field, value) in found {
        // A number fills the four bytes for values, whatever kind it had before.
        let (kind, value) = match u16::try_from(value) {
            Ok(short) if big_endian => (SHORT, u32::from(short) << 16),
            Ok(short) => (SHORT, u32::from(short)),
            Err(_) => (LONG, value),
        };
        let mut bytes = Vec::new();
        match big_endian {
            true => {
                bytes.extend(kind.to_be_bytes());
                bytes.extend(1_u32.to_be_bytes());
                bytes.extend(value.to_be_bytes());
            }
            false => {
                bytes.extend(kind.to_le_bytes());
                bytes.extend(1_u32.to_le_bytes());
                bytes.extend(value.to_le_bytes());
            }
        }
        if let Some(place) = exif.get_mut(field.field_at + 2..field.field_at + 12) {
            place.copy_from_slice(&bytes);
        }
    }
}

/// Removes the thumbnail, and every other JPEG inside the block: cameras keep previews in their
/// notes. Where the thumbnail is the block's end, as is usual, the block becomes shorter.
pub fn remove_thumbnails(exif: &mut Vec<u8>) {
    let mut kept = exif.len();
    if let Some((next_at, thumbnail, end)) = thumbnail(exif) {
        if let Some(next) = exif.get_mut(next_at..next_at + 4) {
            next.fill(0);
        }
        for range in thumbnail {
            exif[range].fill(0);
        }
        if exif[end..].iter().all(|byte| *byte == 0) {
            kept = end;
        }
    }
    exif.truncate(kept);
    while let Some(range) = inner_jpeg(exif) {
        exif[range].fill(0);
    }
}

/// Finds the second directory, which is the thumbnail's. Returns where the offset of that directory
/// is, the ranges that belong to the thumbnail, and the end of all that does not.
fn thumbnail(exif: &[u8]) -> Option<(usize, Vec<Range<usize>>, usize)> {
    let structure = Structure::open(exif)?;
    let main = structure.directory(structure.first)?;
    let second = structure.directory(main.next)?;
    let numbers = |tag| second.find(tag).map(|field| structure.numbers(field));
    let mut ranges = extent(&second);
    for (offsets, lengths) in [(THUMBNAIL, THUMBNAIL_LENGTH), (STRIPS, STRIP_LENGTHS)] {
        let offsets = numbers(offsets).unwrap_or_default().into_iter();
        for (at, length) in offsets.zip(numbers(lengths).unwrap_or_default()) {
            ranges.push(at as usize..at.saturating_add(length) as usize);
        }
    }
    let directories = directories(&structure, &main);
    let mut kept = directories.iter().flat_map(extent).collect::<Vec<_>>();
    kept.push(0..8);
    // A damaged block may claim that its thumbnail lies where other fields are, which are kept.
    ranges.retain(|range| {
        let apart = |other: &Range<usize>| range.end <= other.start || other.end <= range.start;
        range.start <= range.end && range.end <= exif.len() && kept.iter().all(apart)
    });
    let end = kept.iter().map(|range| range.end).max().unwrap_or_default();
    Some((main.next_at, ranges, end.min(exif.len())))
}

/// The main directory and those below it that EXIF has.
fn directories(structure: &Structure<'_>, main: &Directory) -> Vec<Directory> {
    let exif = below(structure, main, EXIF);
    let gps = below(structure, main, GPS);
    let inner = exif.as_ref();
    let inner = inner.and_then(|exif| below(structure, exif, INTEROPERABILITY));
    let all = [Some(main.clone()), exif, gps, inner];
    all.into_iter().flatten().collect()
}

/// The parts of the block that a directory and its values take.
fn extent(directory: &Directory) -> Vec<Range<usize>> {
    let values = directory.fields.iter().map(|of| of.at..of.at + of.length);
    let itself = directory.at..directory.next_at + 4;
    values.chain([itself]).collect()
}

/// Reads the directory that a field of another one points to.
fn below(structure: &Structure<'_>, directory: &Directory, tag: u16) -> Option<Directory> {
    let at = *structure.numbers(directory.find(tag)?).first()?;
    structure.directory(at)
}

/// Finds a JPEG: its start marker, and the marker of a segment that begins one.
fn inner_jpeg(exif: &[u8]) -> Option<Range<usize>> {
    let begins = |at: &[u8]| {
        let marks = matches!(at[3], 0xc0 | 0xc4 | 0xdb | 0xe0..=0xef | 0xfe);
        at[..3] == [0xff, 0xd8, 0xff] && marks
    };
    let start = exif.windows(4).position(begins)?;
    let end = exif[start..].windows(2).rposition(|at| at == [0xff, 0xd9]);
    Some(start..end.map_or(exif.len(), |end| start + end + 2))
}

/// Makes an EXIF block of what a TIFF says about its photo, and the orientation.
pub fn from_tiff(structure: &Structure<'_>, main: &Directory) -> Option<Vec<u8>> {
    let mut fields = copied(structure, main);
    if let Some(field) = main.find(ORIENTATION) {
        fields.push(copy(structure, field));
    }
    if fields.is_empty() {
        return None;
    }
    Writer::new(structure.big_endian, Vec::new()).finish(&fields)
}

/// The fields of an EXIF block that a TIFF can have, and whether they are big-endian.
pub fn to_tiff(exif: &[u8]) -> Option<(bool, Vec<NewField>)> {
    let structure = Structure::open(exif)?;
    let main = structure.directory(structure.first)?;
    Some((structure.big_endian, copied(&structure, &main)))
}

/// Returns the resolution of an EXIF block.
pub fn density(exif: &[u8]) -> Option<Density> {
    let structure = Structure::open(exif)?;
    density_of(&structure, &structure.directory(structure.first)?)
}

/// Makes an EXIF block that has a resolution only.
pub fn of_density(density: Density) -> Option<Vec<u8>> {
    let writer = Writer::new(false, Vec::new());
    let fields = density_fields(&writer, density);
    writer.finish(&fields)
}

/// Returns a resolution as fields.
pub fn density_fields(writer: &Writer, density: Density) -> [NewField; 3] {
    let field = |tag, kind, bytes| NewField {
        tag,
        kind,
        value: Value::Bytes(bytes),
    };
    let dots = |dots: u32| [writer.long(dots), writer.long(1000)].concat();
    [
        field(X_RESOLUTION, RATIONAL, dots(density.0[0])),
        field(Y_RESOLUTION, RATIONAL, dots(density.0[1])),
        field(RESOLUTION_UNIT, SHORT, writer.short(INCH).to_vec()),
    ]
}

/// Returns the resolution that a directory has.
pub fn density_of(structure: &Structure<'_>, main: &Directory) -> Option<Density> {
    let dots = |tag| structure.fractions(main.find(tag)?).first().copied();
    let dots = [dots(X_RESOLUTION)?, dots(Y_RESOLUTION)?];
    let unit = main
        .find(RESOLUTION_UNIT)
        .map(|unit| structure.numbers(unit));
    // 1: no unit; 2, also if it is not said: an inch; 3: a centimetre.
    match unit.and_then(|unit| unit.first().copied()).unwrap_or(2) {
        2 => Density::per_inch(dots),
        3 => Density::per_centimetre(dots),
        _ => None,
    }
}

/// Copies the fields that say something about the photo, with the directories below.
fn copied(structure: &Structure<'_>, main: &Directory) -> Vec<NewField> {
    let fields = main
        .fields
        .iter()
        .filter(|field| is_about_the_photo(field.tag));
    let mut copied: Vec<_> = fields.map(|field| copy(structure, field)).collect();
    for tag in [EXIF, GPS] {
        let Some(directory) = below(structure, main, tag) else {
            continue;
        };
        let plain = |field: &&Field| field.tag != INTEROPERABILITY;
        let fields = directory.fields.iter().filter(plain);
        let mut fields: Vec<_> = fields.map(|field| copy(structure, field)).collect();
        if let Some(inner) = below(structure, &directory, INTEROPERABILITY) {
            let inner = inner.fields.iter().map(|field| copy(structure, field));
            fields.push(pointer(INTEROPERABILITY, inner.collect()));
        }
        copied.push(pointer(tag, fields));
    }
    copied
}

fn copy(structure: &Structure<'_>, field: &Field) -> NewField {
    NewField {
        tag: field.tag,
        kind: field.kind,
        value: Value::Bytes(structure.value(field).to_vec()),
    }
}

fn pointer(tag: u16, fields: Vec<NewField>) -> NewField {
    NewField {
        tag,
        kind: LONG,
        value: Value::Directory(fields),
    }
}

/// Whether a field of a main directory says something about the photo, and not how its pixels or
/// other metadata lie in the file, or what lies beside them (TIFF 6.0, part 1 and 2). Those of EXIF
/// should be in a directory of their own, and are not always.
fn is_about_the_photo(tag: u16) -> bool {
    let of_tiff = matches!(tag, 269..=272 | 285..=287 | 305 | 306 | 315 | 316 | 33_432);
    let of_windows = matches!(tag, 18_246..=18_249 | 40_091..=40_095);
    let of_exif =
        matches!(tag, 33_434 | 33_437 | 34_850..=34_867 | 36_864..=37_521 | 41_483..=42_240);
    // And how a camera wants it printed. (Of the directory for GPS only its offset is here.)
    of_tiff || of_windows || of_exif && tag != GPS || tag == 50_341
}
