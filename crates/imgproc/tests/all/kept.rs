//! Metadata of every format: found, kept, and made to fit the result.

use std::io::Write;

use imgproc::codec::{Density, Format, Limits, Metadata, Photo, Strip, decode, encode};

use crate::metadata::{exif, png_chunk};

const LIMITS: Limits = Limits { max_pixels: 1_000 };

/// Formats that have a place for metadata.
const FORMATS: [Format; 4] = [Format::Jpeg, Format::Png, Format::Webp, Format::Tiff];

fn xmp(orientation: u8) -> Vec<u8> {
    let packet = format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:Description tiff:Orientation=\"{orientation}\" \
         exif:PixelXDimension=\"3\"><xmp:Thumbnails>/9j/sharp</xmp:Thumbnails></rdf:Description>\
         </x:xmpmeta>"
    );
    packet.into_bytes()
}

/// A photo of 3 x 2 pixels with these metadata, as a file.
fn file(format: Format, metadata: Metadata) -> Vec<u8> {
    let photo = Photo {
        width: 3,
        height: 2,
        channels: 3,
        pixels: vec![100; 18],
        metadata,
        ..Photo::default()
    };
    encode(&photo, format, 90, Strip::Nothing, Vec::new()).unwrap()
}

fn read(file: &[u8]) -> Photo {
    decode(file, false, LIMITS, Vec::new()).unwrap()
}

#[test]
fn orientation_is_found_wherever_it_is() {
    let prefixed = [b"Exif\0\0", &exif(6)[..]].concat();
    let of_exif = |exif: &[u8]| Metadata {
        exif: Some(exif.to_vec()),
        ..Metadata::default()
    };
    let of_xmp = || Metadata {
        xmp: Some(xmp(6)),
        ..Metadata::default()
    };
    let mut files = vec![
        ("EXIF in a WebP", file(Format::Webp, of_exif(&exif(6)))),
        (
            "EXIF with its prefix in a WebP",
            file(Format::Webp, of_exif(&prefixed)),
        ),
        ("EXIF in a PNG", file(Format::Png, of_exif(&exif(6)))),
        (
            "EXIF with its prefix in a PNG",
            file(Format::Png, of_exif(&prefixed)),
        ),
    ];
    for format in FORMATS {
        files.push(("XMP", file(format, of_xmp())));
    }
    // Texts of hexadecimal digits, plain and compressed, at the end of a PNG.
    let digits: String = prefixed.iter().map(|byte| format!("{byte:02x}")).collect();
    let (first, second) = digits.split_at(24);
    let text = format!("\nexif\n      {}\n{first}\n{second}\n", prefixed.len());
    let mut deflated = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    deflated.write_all(text.as_bytes()).unwrap();
    let deflated = deflated.finish().unwrap();
    for (name, kind, chunk) in [
        ("Raw profile type exif\0", b"tEXt", text.as_bytes()),
        ("Raw profile type APP1\0\0", b"zTXt", &deflated),
        ("Raw profile type exif\0\x01\0\0\0", b"iTXt", &deflated),
    ] {
        let chunk = png_chunk(kind, &[name.as_bytes(), chunk].concat());
        let plain = file(Format::Png, Metadata::default());
        let (body, end) = plain.split_at(plain.len() - 12);
        files.push((name, [body, &chunk, end].concat()));
    }
    for (name, file) in files {
        let photo = read(&file);
        assert_eq!((photo.width, photo.height), (2, 3), "{name}");
        // It is reset, so that no viewer turns it again.
        for format in FORMATS {
            let again = encode(&photo, format, 90, Strip::Nothing, Vec::new()).unwrap();
            let again = read(&again);
            assert_eq!(
                (again.width, again.height),
                (2, 3),
                "{name}, then {format:?}"
            );
        }
        if let Some(kept) = photo.metadata.exif {
            assert_eq!(kept, exif(1), "{name}");
        }
    }
    // EXIF's comes first: a program that turns a photo may know EXIF only.
    let both = Metadata {
        exif: Some(exif(1)),
        ..of_xmp()
    };
    let photo = read(&file(Format::Jpeg, both));
    assert_eq!(photo.width, 3);
    // And that of XMP, which is the only one in a TIFF, does not turn the result.
    for format in FORMATS {
        let again = encode(&photo, format, 90, Strip::Nothing, Vec::new()).unwrap();
        assert_eq!(read(&again).width, 3, "{format:?}");
    }
}

/// A directory of its own has the place at which the photo was taken. Only its offset differs.
#[test]
fn the_place_comes_back_from_every_format() {
    let block = b"MM\0*\0\0\0\x08\
        \0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0\
        \0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0";
    let metadata = Metadata {
        exif: Some(block.to_vec()),
        ..Metadata::default()
    };
    for format in FORMATS {
        let file = file(format, metadata.clone());
        let pointers = file.windows(4).filter(|of| of == b"\x88\x25\0\x04");
        assert_eq!(pointers.count(), 1, "{format:?}");
        let kept = read(&file).metadata.exif.unwrap();
        assert!(contains(&kept, b"\0\x01\0\x02\0\0\0\x02N\0"), "{format:?}");
    }
}

/// An EXIF block of a camera: its name, the size, a note with a preview in it, and a thumbnail.
fn camera(width: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let halves = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        [
            halves,
            count.to_le_bytes().to_vec(),
            value.to_le_bytes().to_vec(),
        ]
        .concat()
    };
    let directory = |entries: &[Vec<u8>], next: u32| {
        let count = (entries.len() as u16).to_le_bytes();
        [&count[..], &entries.concat(), &next.to_le_bytes()].concat()
    };
    let main = [entry(271, 2, 6, 44), entry(34_665, 4, 1, 50)];
    let inner = [
        entry(37_500, 7, 24, 92),
        entry(40_962, 3, 1, width.into()),
        entry(40_963, 4, 1, 2),
    ];
    let thumbnail = [entry(513, 4, 1, 146), entry(514, 4, 1, 12)];
    let block = [
        b"II*\0\x08\0\0\0",
        &directory(&main, 116)[..],
        b"\0\0\0\0\0\0Canon\0",
        &directory(&inner, 0),
        b"note\xff\xd8\xff\xdbpreview1\xff\xd9note\0\0",
        &directory(&thumbnail, 0),
        b"\xff\xd8\xff\xdbthumb1\xff\xd9",
    ];
    block.concat()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn what_is_kept_fits_the_result_and_shows_no_older_picture() {
    let mut icc = vec![7; 200];
    icc[16..20].copy_from_slice(b"RGB ");
    // IPTC's caption, and a thumbnail as Photoshop keeps it.
    let caption = b"8BIM\x04\x04\0\0\0\0\0\x08\x1c\x02\x78\0\x03sea";
    let picture = b"8BIM\x04\x0c\0\0\0\0\0\x06\xff\xd8\xff\xdbxx";
    let metadata = Metadata {
        icc: Some(icc),
        exif: Some(camera(99)),
        xmp: Some(xmp(1)),
        photoshop: Some([&picture[..], &caption[..]].concat()),
        density: Density::per_inch([300.0, 150.0]),
        ..Metadata::default()
    };
    for from in FORMATS {
        let photo = read(&file(from, metadata.clone()));
        for to in FORMATS {
            let what = format!("{from:?} to {to:?}");
            let file = encode(&photo, to, 90, Strip::Nothing, Vec::new()).unwrap();
            assert!(
                !contains(&file, b"preview1") && !contains(&file, b"thumb1"),
                "{what}"
            );
            assert!(!contains(&file, b"sharp"), "{what}");
            let kept = read(&file).metadata;
            assert_eq!(kept.icc, metadata.icc, "{what}");
            let exif = kept.exif.expect(&what);
            assert!(
                contains(&exif, b"Canon") && contains(&exif, b"note"),
                "{what}"
            );
            // The width is 3, as a 16-bit number.
            assert!(
                contains(&exif, b"\x02\xa0\x03\0\x01\0\0\0\x03\0\0\0"),
                "{what}"
            );
            let packet = String::from_utf8(kept.xmp.expect(&what)).unwrap();
            assert!(packet.contains("PixelXDimension=\"3\""), "{what}: {packet}");
            // WebP has no place for these two, but for a resolution in EXIF.
            if from != Format::Webp && to != Format::Webp {
                assert_eq!(kept.photoshop.as_deref(), Some(&caption[..]), "{what}");
                let density = kept.density.expect(&what);
                assert_eq!(density.dots_per_inch(), [300, 150], "{what}");
            }
            let stripped = encode(&photo, to, 90, Strip::All, Vec::new()).unwrap();
            assert_eq!(read(&stripped).metadata, Metadata::default(), "{what}");
            let coloured = encode(&photo, to, 90, Strip::KeepIcc, Vec::new()).unwrap();
            let only_icc = Metadata {
                icc: metadata.icc.clone(),
                ..Metadata::default()
            };
            assert_eq!(read(&coloured).metadata, only_icc, "{what}");
        }
    }
    let exif = read(&file(Format::Jpeg, metadata)).metadata.exif.unwrap();
    // The thumbnail's directory was the end, and is gone.
    assert_eq!(exif.len(), 116);
    let resolution = Metadata {
        density: Density::per_inch([300.0; 2]),
        ..Metadata::default()
    };
    let webp = read(&file(Format::Webp, resolution.clone()));
    assert_eq!(webp.metadata.density, resolution.density);
    let bmp = read(&file(Format::Bmp, resolution));
    assert_eq!(bmp.metadata.density.unwrap().dots_per_inch(), [300; 2]);
}

#[test]
fn a_damaged_exif_block_loses_nothing_else() {
    let block = camera(99);
    for length in 0..block.len() {
        for at in 8..length {
            let mut damaged = block[..length].to_vec();
            damaged[at] = 0xff;
            let metadata = Metadata {
                exif: Some(damaged),
                ..Metadata::default()
            };
            for format in [Format::Png, Format::Tiff] {
                read(&file(format, metadata.clone()));
            }
        }
    }
}
