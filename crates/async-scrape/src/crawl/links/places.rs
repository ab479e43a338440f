//! In which attributes of a tag links stand.

/// Attributes that hold a link each, and attributes that hold a set of pictures each.
type Places = (&'static [&'static str], &'static [&'static str]);

/// Properties of a page that are URLs of its picture or film, for those who link to it.
const MEDIA: [&str; 10] = [
    "og:image",
    "og:image:url",
    "og:image:secure_url",
    "og:video",
    "og:video:url",
    "og:audio",
    "og:audio:url",
    "twitter:image",
    "twitter:image:src",
    "msapplication-TileImage",
];

/// As long as the longest name of a tag that has links.
pub type Room = [u8; 10];

/// The name of a tag in lower case; `None` if it is too long for one that has links.
pub fn lower<'r>(name: &'r str, room: &'r mut Room) -> Option<&'r str> {
    // Most names are.
    if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some(name);
    }
    let room = room.get_mut(..name.len())?;
    room.copy_from_slice(name.as_bytes());
    room.make_ascii_lowercase();
    str::from_utf8(room).ok()
}

/// Where the links of this tag are.
pub fn of(tag: &str) -> Places {
    match tag {
        "a" => (&["href", "xlink:href"], &[]),
        "area" => (&["href"], &[]),
        "link" => (&["href"], &["imagesrcset"]),
        // Pages that load pictures late, by a script, have `data-src`.
        "img" => (
            &[
                "src",
                "data-src",
                "data-lazy-src",
                "data-original",
                "lowsrc",
            ],
            &["srcset", "data-srcset", "data-lazy-srcset"],
        ),
        "source" => (&["src", "data-src"], &["srcset", "data-srcset"]),
        "script" => (&["src", "href", "xlink:href"], &[]),
        "iframe" | "frame" | "embed" | "track" | "audio" | "input" | "bgsound" => {
            (&["src", "data-src"], &[])
        }
        "video" => (&["src", "poster", "data-src"], &[]),
        "object" => (&["data"], &[]),
        "body" | "table" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th" => {
            (&["background"], &[])
        }
        // Of SVG.
        "use" | "feimage" => (&["href", "xlink:href"], &[]),
        // Outside SVG browsers take it for `img`.
        "image" => (&["href", "xlink:href", "src"], &["srcset"]),
        _ => (&[], &[]),
    }
}

/// Whether a `link` with this `rel` names a server, and no page.
pub fn names_server(rel: &str) -> bool {
    let names = |word: &str| {
        word.eq_ignore_ascii_case("preconnect") || word.eq_ignore_ascii_case("dns-prefetch")
    };
    let mut words = rel.split_ascii_whitespace().peekable();
    words.peek().is_some() && words.all(names)
}

/// Whether a `meta` of this name or property is the URL of a picture or a film.
pub fn is_media(name: &str) -> bool {
    MEDIA.iter().any(|media| media.eq_ignore_ascii_case(name))
}
