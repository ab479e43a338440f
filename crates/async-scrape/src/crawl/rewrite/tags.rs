//! Replaces the links in the tags of a page.

use std::fmt::Write;
use std::mem;

use super::{Edits, Reader, range};
use crate::crawl::html::{self, Sink, Syntax};
use crate::crawl::links::places;

/// Attributes that are checked before a file is used. They belong to a server's answer, and a
/// browser that reads a changed file from a disk would refuse it.
const CHECKS: [&str; 2] = ["integrity", "crossorigin"];

/// The tags of a page, and how their links are replaced.
pub struct Tags<'t, 'r, 'f> {
    text: &'t str,
    reader: &'r mut Reader<'f>,
    pub(super) edits: Edits,
}

impl<'t, 'r, 'f> Tags<'t, 'r, 'f> {
    pub(super) fn new(text: &'t str, reader: &'r mut Reader<'f>) -> Self {
        let edits = Edits::default();
        Self {
            text,
            reader,
            edits,
        }
    }

    /// Replaces the value of an attribute.
    fn set_value(&mut self, value: &str, new: &str) {
        let place = range(self.text, value);
        let is_quoted = self.text[..place.start].ends_with(['"', '\'']);
        let new = match is_quoted {
            true => escaped(new),
            false => format!("\"{}\"", escaped(new)),
        };
        self.edits.0.push((place, new));
    }

    /// Gives an attribute a name that means nothing.
    fn hide(&mut self, name: &str) {
        let new = format!("data-{name}");
        self.edits.0.push((range(self.text, name), new));
    }
}

impl<'t, 'f> Sink<'t> for Tags<'t, '_, 'f> {
    fn tag(&mut self, name: &'t str, attributes: &[(&'t str, &'t str)]) {
        let mut room = places::Room::default();
        let tag = places::lower(name, &mut room).unwrap_or_default();
        let of = |key: &str| {
            let found = attributes.iter();
            let mut found = found.filter(|(name, _)| name.eq_ignore_ascii_case(key));
            found.next().map_or("", |(_, value)| *value)
        };
        let is_meta = |value: &str| of("http-equiv").eq_ignore_ascii_case(value);
        let is_media = || places::is_media(of("property")) || places::is_media(of("name"));
        let is_server = tag == "link" && places::names_server(of("rel"));
        let (links, sets) = match is_server {
            true => (&[][..], &[][..]),
            false => places::of(tag),
        };
        let has = |keys: &[&str], name: &str| keys.iter().any(|key| key.eq_ignore_ascii_case(name));
        for (name, value) in attributes {
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            if has(&CHECKS, name) && ["link", "script", "img"].contains(&tag) {
                self.hide(name);
            }
            let replace: fn(&mut Reader<'f>, &str) -> Option<String> = match tag {
                _ if value.is_empty() => continue,
                _ if is("style") => Reader::css,
                _ if has(links, name) => Reader::link,
                _ if has(sets, name) => Reader::set,
                "iframe" if is("srcdoc") => Reader::page,
                "form" if is("action") => Reader::link,
                "input" | "button" if is("formaction") => Reader::link,
                "meta" if is("content") && is_meta("refresh") => Reader::refresh,
                "meta" if is("content") && is_media() => Reader::link,
                "meta" if is("http-equiv") && is_meta("content-security-policy") => {
                    self.hide(name);
                    continue;
                }
                // All links are relative to the file now.
                "base" if is("href") => |_, _| Some(String::new()),
                _ => continue,
            };
            let decoded = self.reader.decoded(value);
            let plain = html::unescape(&decoded);
            let is_bytes = mem::replace(&mut self.reader.is_bytes, false);
            let new = replace(self.reader, &plain);
            self.reader.is_bytes = is_bytes;
            if let Some(new) = new {
                self.set_value(value, &new);
            }
        }
    }

    fn text(&mut self, name: &'t str, text: &'t str) {
        if name.eq_ignore_ascii_case("style")
            && let Some(new) = self.reader.css(text)
        {
            self.edits.0.push((range(self.text, text), new));
        }
    }
}

/// Escapes a value, so that it is ASCII and may stand between quotes of either kind.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => escaped += "&amp;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '<' => escaped += "&lt;",
            c if c.is_ascii() => escaped.push(c),
            c => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
        }
    }
    escaped
}

/// Where the head of a page begins: after `<head>`, or what else stands before it.
pub fn head(body: &[u8]) -> usize {
    let start: String = body
        .iter()
        .take(1024)
        .map(|&byte| char::from(byte & 0x7f))
        .collect();
    let mut last = Last(0, &start);
    html::scan(&start, &mut last, Syntax::Html);
    if last.0 > 0 {
        return last.0;
    }
    match start.trim_ascii_start().get(..9) {
        Some(doctype) if doctype.eq_ignore_ascii_case("<!doctype") => {
            start.find('>').map_or(0, |end| end + 1)
        }
        _ => 0,
    }
}

/// Where the last start tag of `html` or `head` ends.
struct Last<'t>(usize, &'t str);

impl<'t> Sink<'t> for Last<'t> {
    fn tag(&mut self, name: &'t str, _: &[(&'t str, &'t str)]) {
        if name.eq_ignore_ascii_case("html") || name.eq_ignore_ascii_case("head") {
            let after = range(self.1, name).end;
            self.0 = self.1[after..].find('>').map_or(0, |end| after + end + 1);
        }
    }

    fn text(&mut self, _: &'t str, _: &'t str) {}
}
