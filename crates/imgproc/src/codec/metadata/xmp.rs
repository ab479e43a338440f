//! XMP packets: XML that is changed as text, because only a few known values are of interest (XMP
//! Specification, part 1, 7, and part 2, 2.2: a value is an attribute or an element).

/// The name of the orientation.
pub const ORIENTATION: &str = "tiff:Orientation";

/// Names that stand for the width and the height.
const WIDTHS: [&str; 2] = ["tiff:ImageWidth", "exif:PixelXDimension"];
const HEIGHTS: [&str; 2] = ["tiff:ImageLength", "exif:PixelYDimension"];

/// Elements that hold a picture of the photo as it was, or say what lies behind it in its file: a
/// phone's second pictures and video, which are left out.
const LEFT_OUT: [&str; 4] = [
    "xmp:Thumbnails",
    "xap:Thumbnails",
    "Container:Directory",
    "GContainer:Directory",
];

/// Names whose value says that there is a video behind the photo, and where.
const VIDEOS: [&str; 4] = [
    "GCamera:MotionPhoto",
    "GCamera:MicroVideo",
    "GCamera:MicroVideoOffset",
    "Camera:MotionPhoto",
];

/// Says that there is a map of brightness behind the photo.
const GAIN_MAP: &str = "hdrgm:Version";

/// Points to a second packet, which holds what is too large for the first: pictures, mostly.
const SECOND_PACKET: &str = "xmpNote:HasExtendedXMP";

/// Returns the orientation, 1 to 8.
pub fn orientation(packet: &[u8]) -> Option<u8> {
    let text = str::from_utf8(packet).ok()?;
    let (start, end) = value(text, ORIENTATION, 0)?;
    let value = text[start..end].trim().parse().ok()?;
    (1..=8).contains(&value).then_some(value)
}

/// Returns the packet with this number wherever the name has a value.
pub fn with(packet: &[u8], name: &str, number: usize) -> Vec<u8> {
    let Ok(text) = str::from_utf8(packet) else {
        return packet.to_vec();
    };
    let (mut changed, mut from) = (String::with_capacity(text.len()), 0);
    while let Some((start, end)) = value(text, name, from) {
        changed += &text[from..start];
        changed += &number.to_string();
        from = end;
    }
    changed += &text[from..];
    changed.into_bytes()
}

/// Returns the packet for a photo of this size, without pictures of the photo as it was. `None` if
/// it is in UTF-16, which the specification allows and no camera is known to write: nobody could
/// say what is in it.
pub fn of_size(packet: &[u8], width: usize, height: usize) -> Option<Vec<u8>> {
    let mut packet = packet.to_vec();
    for (names, number) in [(WIDTHS, width), (HEIGHTS, height)] {
        for name in names {
            packet = with(&packet, name, number);
        }
    }
    for name in VIDEOS {
        packet = with(&packet, name, 0);
    }
    let mut text = String::from_utf8(packet).ok()?;
    if let Some((start, end)) = value(&text, GAIN_MAP, 0)
        && text[end..].starts_with(['"', '\''])
        && let Some(name) = text[..start].rfind(GAIN_MAP)
    {
        text.replace_range(name..=end, "");
    }
    for name in LEFT_OUT {
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        while let Some(start) = text.find(&open) {
            let Some(length) = text[start..].find(&close) else {
                break;
            };
            text.replace_range(start..start + length + close.len(), "");
        }
    }
    if let Some((start, end)) = value(&text, SECOND_PACKET, 0) {
        text.replace_range(start..end, "");
    }
    Some(text.into_bytes())
}

/// Finds the next value of a name, from this offset on: `name="value"` or `<name>value</name>`.
fn value(text: &str, name: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        at += text.get(at..)?.find(name)? + name.len();
        let rest = text[at..].trim_start();
        let end = match rest.strip_prefix('=').map(str::trim_start) {
            Some(quoted) => quoted.chars().next().filter(|c| matches!(c, '"' | '\'')),
            None => rest.starts_with('>').then_some('<'),
        };
        let Some(end) = end else {
            continue;
        };
        // The end of an element is followed by something else than its value.
        if end == '<' && text[..at - name.len()].ends_with('/') {
            continue;
        }
        let opening = if end == '<' { '>' } else { end };
        let start = at + text[at..].find(opening)? + 1;
        let length = text[start..].find(end)?;
        return Some((start, start + length));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_both_forms() {
        let attribute = br#"<a tiff:Orientation="6" exif:PixelXDimension = '40' x="1"/>"#;
        let element = b"<tiff:Orientation>6</tiff:Orientation><exif:PixelXDimension>40</exif:PixelXDimension>";
        for (packet, upright) in [
            (
                &attribute[..],
                r#"<a tiff:Orientation="1" exif:PixelXDimension = '20' x="1"/>"#,
            ),
            (
                &element[..],
                "<tiff:Orientation>1</tiff:Orientation><exif:PixelXDimension>20</exif:PixelXDimension>",
            ),
        ] {
            assert_eq!(orientation(packet), Some(6));
            let changed = of_size(&with(packet, ORIENTATION, 1), 20, 30).unwrap();
            assert_eq!(String::from_utf8(changed).unwrap(), upright);
        }
        for none in [
            "",
            "tiff:Orientation",
            "tiff:Orientation=",
            "<tiff:Orientation>6",
            "tiff:Orientation='9'",
            "</tiff:Orientation>6<",
        ] {
            assert_eq!(orientation(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn what_is_behind_the_photo_is_not_promised() {
        let packet =
            b"<a hdrgm:Version=\"1.0\" GCamera:MotionPhoto='1' GCamera:MotionPhotoVersion='1'>\
            <Container:Directory><b Item:Length=\"9\"/></Container:Directory></a>";
        let changed = of_size(packet, 1, 1).unwrap();
        assert_eq!(
            String::from_utf8(changed).unwrap(),
            "<a  GCamera:MotionPhoto='0' GCamera:MotionPhotoVersion='1'></a>"
        );
    }

    #[test]
    fn pictures_are_taken_out() {
        let packet = b"<a xmpNote:HasExtendedXMP=\"12AB\"><xmp:Thumbnails><b>/9j/</b></xmp:Thumbnails><c/></a>";
        let changed = of_size(packet, 1, 1).unwrap();
        assert_eq!(changed, b"<a xmpNote:HasExtendedXMP=\"\"><c/></a>");
    }
}
