//! A fast scanner for tags.
//!
//! A crawler looks at every byte of every page. The tokenizer of a browser engine (html5ever) took
//! most of a crawl's CPU time; this one is many times faster, because it makes neither text nor a
//! tree.
//!
//! It follows the tokenizer of the [HTML standard][standard] without scripting, so that tags in
//! `noscript` are found. `tests/all/links.rs` compares the two on real pages and on thousands of
//! broken ones.
//!
//! [standard]: https://html.spec.whatwg.org/multipage/parsing.html#tokenization

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

/// Receives what the scanner finds. Names, values and texts are as written, not unescaped.
pub trait Sink<'t> {
    /// A start tag: its name, and its attributes with their values.
    fn tag(&mut self, name: &'t str, attributes: &[(&'t str, &'t str)]);
    /// The text of a `title` or a `style`, or in XML of a `loc`.
    fn text(&mut self, name: &'t str, text: &'t str);
}

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// As HTML.
    Html,
    /// As XML: an element may end in its start tag, and names have prefixes, which are passed on
    /// without. `<?xml-stylesheet?>` is passed on as a `link`.
    Xml,
}

/// Elements whose content is text, whatever it looks like.
const RAW: [&str; 9] = [
    "title",
    "style",
    "script",
    "textarea",
    "iframe",
    "noembed",
    "noframes",
    "xmp",
    "plaintext",
];

/// The most attributes of a tag that are passed on. No page has more, but a trap may.
const MOST_ATTRIBUTES: usize = 1000;

/// Elements whose content is no tags in XML.
const RAW_IN_XML: [&str; 4] = ["title", "style", "script", LOCATION];

/// The element of a sitemap in which a URL stands.
pub const LOCATION: &str = "loc";

/// Passes the start tags of a page, and the texts of titles and styles, to `sink`, in their order.
pub fn scan<'t>(text: &'t str, sink: &mut impl Sink<'t>, syntax: Syntax) {
    let is_xml = syntax == Syntax::Xml;
    let raw = if is_xml { &RAW_IN_XML[..] } else { &RAW };
    let bytes = text.as_bytes();
    let mut attributes = Vec::new();
    let mut at = 0;
    while let Some(open) = memchr(b'<', &bytes[at..]) {
        at += open + 1;
        let rest = &bytes[at..];
        let end = match rest {
            [b'a'..=b'z' | b'A'..=b'Z', ..] => {
                let Some((name, end)) = tag(text, at, &mut attributes) else {
                    return;
                };
                let plain = match is_xml {
                    true => name.rsplit(':').next().unwrap_or_default(),
                    false => name,
                };
                if is_xml {
                    attributes
                        .iter_mut()
                        .for_each(|(name, _)| *name = usual(name));
                }
                sink.tag(plain, &attributes);
                let has_content = !is_xml || !text[..end].ends_with("/>");
                // Most tags have a name of one or two letters, and none of these has.
                let mut raw = raw.iter().filter(|_| plain.len() > 2);
                match raw.find(|raw| raw.eq_ignore_ascii_case(plain)) {
                    Some(raw) if has_content => {
                        let after = raw_text(bytes, name, raw, end);
                        if ["title", "style", LOCATION].contains(raw) {
                            sink.text(plain, &text[end..after]);
                        }
                        Some(after)
                    }
                    _ => Some(end),
                }
            }
            [b'/', b'a'..=b'z' | b'A'..=b'Z', ..] => {
                tag(text, at + 1, &mut attributes).map(|(_, end)| end)
            }
            [b'/', b'>', ..] => Some(at + 2),
            [b'!', b'-', b'-', ..] if is_xml => after(bytes, at + 3, "-->"),
            [b'!', b'-', b'-', ..] => comment(bytes, at + 3),
            [b'!', b'[', b'C', b'D', b'A', b'T', b'A', ..] if is_xml => after(bytes, at, "]]>"),
            [b'?', ..] if is_xml => {
                if rest.starts_with(b"?xml-stylesheet")
                    && tag(text, at + 1, &mut attributes).is_some()
                {
                    sink.tag("link", &attributes);
                }
                after(bytes, at, "?>")
            }
            [b'!' | b'?' | b'/', ..] => memchr(b'>', rest).map(|end| at + end + 1),
            _ => Some(at),
        };
        // A tag or comment without an end is ignored.
        let Some(end) = end else { return };
        at = end;
    }
}

/// The name of an attribute, with the usual prefix for links if it has another one. XML has them
/// declared, and of those that are, only this one has `href`.
fn usual(name: &str) -> &str {
    match name.strip_suffix(":href") {
        Some(_) => "xlink:href",
        None => name,
    }
}

/// Replaces the character references in the value of an attribute.
pub fn unescape(value: &str) -> Cow<'_, str> {
    match memchr2(b'&', 0, value.as_bytes()) {
        Some(_) => htmlize::unescape_attribute(without_nul(value)),
        None => value.into(),
    }
}

/// Replaces NUL by `�`, as the HTML standard requires.
pub fn without_nul(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}").into(),
        false => text.into(),
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// Reads a start or end tag. Returns its name and where it ends; `None` if it has no end.
fn tag<'t>(
    text: &'t str,
    start: usize,
    attributes: &mut Vec<(&'t str, &'t str)>,
) -> Option<(&'t str, usize)> {
    let bytes = text.as_bytes();
    attributes.clear();
    let mut at = until(bytes, start, |b| is_space(b) || b == b'/' || b == b'>')?;
    let name = &text[start..at];
    // Most tags end here.
    if bytes[at] == b'>' {
        return Some((name, at + 1));
    }
    loop {
        at = until(bytes, at, |b| !is_space(b) && b != b'/')?;
        if bytes[at] == b'>' {
            return Some((name, at + 1));
        }
        // The first character of a name may be any, even an equals sign.
        let first = at;
        at = until(bytes, at + 1, |b| {
            is_space(b) || matches!(b, b'/' | b'>' | b'=')
        })?;
        let end = at;
        at = until(bytes, at, |b| !is_space(b))?;
        let mut value = end..end;
        if bytes[at] == b'=' {
            at = until(bytes, at + 1, |b| !is_space(b))?;
            value = match bytes[at] {
                quote @ (b'"' | b'\'') => at + 1..at + 1 + memchr(quote, &bytes[at + 1..])?,
                _ => at..until(bytes, at, |b| is_space(b) || b == b'>')?,
            };
            let is_quoted = value.start > at;
            at = value.end + usize::from(is_quoted);
        }
        if attributes.len() < MOST_ATTRIBUTES {
            attributes.push((&text[first..end], &text[value]));
        }
    }
}

/// Where the first byte from there on is that stops.
#[inline]
fn until(bytes: &[u8], mut at: usize, stops: impl Fn(u8) -> bool) -> Option<usize> {
    while !stops(*bytes.get(at)?) {
        at += 1;
    }
    Some(at)
}

/// The end of the comment whose content begins at `start`.
fn comment(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = &bytes[start..];
    if rest.starts_with(b">") {
        return Some(start + 1);
    }
    if rest.starts_with(b"->") {
        return Some(start + 2);
    }
    let mut at = start;
    loop {
        at += memmem::find(&bytes[at..], b"--")?;
        // Of more than two dashes the last two count.
        at += bytes[at..].iter().position(|&b| b != b'-')?;
        match &bytes[at..] {
            [b'>', ..] => return Some(at + 1),
            [b'!', b'>', ..] => return Some(at + 2),
            _ => {}
        }
    }
}

/// Where the next such mark ends.
fn after(bytes: &[u8], at: usize, mark: &str) -> Option<usize> {
    let start = memmem::find(&bytes[at..], mark.as_bytes())?;
    Some(at + start + mark.len())
}

/// Skips the content of an element that has only text, and returns where its end tag begins. `name`
/// is the element's name as it is written.
fn raw_text(bytes: &[u8], name: &str, raw: &str, start: usize) -> usize {
    let end = match raw {
        "plaintext" => None,
        "script" if name.eq_ignore_ascii_case(raw) => script(bytes, start),
        _ => end_tag(bytes, start, name),
    };
    end.unwrap_or(bytes.len())
}

/// Where the next end tag of this name begins.
fn end_tag(bytes: &[u8], mut at: usize, name: &str) -> Option<usize> {
    loop {
        at += memmem::find(&bytes[at..], b"</")?;
        if is_named(&bytes[at + 2..], name) {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether the bytes begin with exactly this tag name.
fn is_named(bytes: &[u8], name: &str) -> bool {
    let (start, after) = (bytes.get(..name.len()), bytes.get(name.len()));
    start.is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        && after.is_some_and(|&b| is_space(b) || b == b'/' || b == b'>')
}

/// Where the end tag of a script begins. In a comment a script may contain another script, whose
/// end tag does not end the outer one.
fn script(bytes: &[u8], mut at: usize) -> Option<usize> {
    let (mut comment, mut inner) = (false, false);
    loop {
        at += bytes[at..].iter().position(|&b| b == b'<' || b == b'-')?;
        let rest = &bytes[at..];
        if rest.starts_with(b"<!--") && !comment {
            comment = true;
            // `<!-->` is a whole comment: the same dashes may end it.
            at += 2;
            continue;
        }
        if rest.starts_with(b"-->") {
            (comment, inner) = (false, false);
        } else if rest.starts_with(b"</") && is_named(&rest[2..], "script") {
            if !inner {
                return Some(at);
            }
            inner = false;
        } else if comment && rest.starts_with(b"<") && is_named(&rest[1..], "script") {
            inner = true;
        }
        at += 1;
    }
}
