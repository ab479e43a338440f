//! Tags, found fast. A crawler looks at every byte of every page, so this is where its time goes: the tokenizer of a browser engine
//! (html5ever) took most of a crawl's computing, and this does the same many times faster, because it needs neither text nor a tree.
//!
//! It follows the tokenizer of the [HTML standard](https://html.spec.whatwg.org/multipage/parsing.html#tokenization), without scripting,
//! so that what stands in `noscript` counts. `tests/all/links.rs` holds the two against each other, on real pages and on thousands of broken ones.

use memchr::{memchr, memmem};

/// What comes of a text.
pub trait Sink<'t> {
    /// A start tag: its name as it is written, and its attributes, with names and values as they are written.
    fn tag(&mut self, name: &'t str, attributes: &[(&'t str, &'t str)]);
    /// What stands in a `title` or a `style`, as it is written.
    fn text(&mut self, name: &'t str, text: &'t str);
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

/// So many attributes of a tag are told.
const MOST_ATTRIBUTES: usize = 1000;

/// Tells `sink` every start tag of `text`, and the texts of titles and styles, in their order.
pub fn scan<'t>(text: &'t str, sink: &mut impl Sink<'t>) {
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
                sink.tag(name, &attributes);
                match RAW.iter().find(|raw| raw.eq_ignore_ascii_case(name)) {
                    Some(raw) => Some(raw_text(text, name, raw, end, sink)),
                    None => Some(end),
                }
            }
            [b'/', b'a'..=b'z' | b'A'..=b'Z', ..] => {
                tag(text, at + 1, &mut attributes).map(|(_, end)| end)
            }
            [b'/', b'>', ..] => Some(at + 2),
            [b'!', b'-', b'-', ..] => comment(bytes, at + 3),
            [b'!' | b'?' | b'/', ..] => memchr(b'>', rest).map(|end| at + end + 1),
            _ => Some(at),
        };
        // What is not ended is nothing.
        let Some(end) = end else { return };
        at = end;
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// The name of a tag, start or end, and where it ends; `None` if it doesn't.
fn tag<'t>(
    text: &'t str,
    start: usize,
    attributes: &mut Vec<(&'t str, &'t str)>,
) -> Option<(&'t str, usize)> {
    let bytes = text.as_bytes();
    let until = |from: usize, stops: fn(u8) -> bool| {
        let length = bytes[from..].iter().position(|&byte| stops(byte));
        length.map(|length| from + length)
    };
    attributes.clear();
    let mut at = until(start, |b| is_space(b) || b == b'/' || b == b'>')?;
    let name = &text[start..at];
    loop {
        at = until(at, |b| !is_space(b) && b != b'/')?;
        if bytes[at] == b'>' {
            return Some((name, at + 1));
        }
        // No page has so many, but a trap may: they are passed over.
        let is_one_more = attributes.len() < MOST_ATTRIBUTES;
        // A name may begin with an equals sign, and with any other that is wrong there.
        let first = at;
        at = until(at + 1, |b| is_space(b) || matches!(b, b'/' | b'>' | b'='))?;
        let key = &text[first..at];
        let after = until(at, |b| !is_space(b))?;
        if bytes[after] != b'=' {
            if is_one_more {
                attributes.push((key, ""));
            }
            continue;
        }
        at = until(after + 1, |b| !is_space(b))?;
        let value = match bytes[at] {
            quote @ (b'"' | b'\'') => {
                let end = at + 1 + memchr(quote, &bytes[at + 1..])?;
                let value = &text[at + 1..end];
                at = end + 1;
                value
            }
            _ => {
                let end = until(at, |b| is_space(b) || b == b'>')?;
                let value = &text[at..end];
                at = end;
                value
            }
        };
        if is_one_more {
            attributes.push((key, value));
        }
    }
}

/// Where a comment ends whose content begins at `start`.
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
        // Of several dashes the last two count.
        at += bytes[at..].iter().position(|&b| b != b'-')?;
        match &bytes[at..] {
            [b'>', ..] => return Some(at + 1),
            [b'!', b'>', ..] => return Some(at + 2),
            _ => {}
        }
    }
}

/// Passes over the text in an element that has only text, and returns where its end tag begins.
fn raw_text<'t>(
    text: &'t str,
    name: &'t str,
    raw: &str,
    start: usize,
    sink: &mut impl Sink<'t>,
) -> usize {
    let bytes = text.as_bytes();
    let end = match raw {
        "plaintext" => None,
        "script" => script(bytes, start),
        _ => closes(bytes, start, raw),
    };
    let end = end.unwrap_or(bytes.len());
    if raw == "title" || raw == "style" {
        sink.text(name, &text[start..end]);
    }
    end
}

/// Where the next end tag of this name begins.
fn closes(bytes: &[u8], mut at: usize, name: &str) -> Option<usize> {
    loop {
        at += memmem::find(&bytes[at..], b"</")?;
        if is_named(&bytes[at + 2..], name) {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether it begins with this name, and nothing more of one.
fn is_named(bytes: &[u8], name: &str) -> bool {
    let (start, after) = (bytes.get(..name.len()), bytes.get(name.len()));
    start.is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        && after.is_some_and(|&b| is_space(b) || b == b'/' || b == b'>')
}

/// Where a script ends. In what looks like a comment it may write another script, and that one's end is not its own.
fn script(bytes: &[u8], mut at: usize) -> Option<usize> {
    let (mut comment, mut inner) = (false, false);
    loop {
        at += bytes[at..].iter().position(|&b| b == b'<' || b == b'-')?;
        let rest = &bytes[at..];
        if rest.starts_with(b"<!--") && !comment {
            comment = true;
            // Its dashes may already be those of its end.
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
