//! In which language a body is, and so whether it can have links.

use super::charset;

/// The bytes at the beginning of a body by which its language is recognised.
pub const SNIFFED: usize = 512;

/// What an HTML page begins with, by the table of the [MIME Sniffing standard][standard]. A tag
/// ends with a space or `>`, and as browsers have it with a line break, too.
///
/// [standard]: https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type
const TAGS: [&str; 16] = [
    "<!doctype html",
    "<html",
    "<head",
    "<script",
    "<iframe",
    "<h1",
    "<div",
    "<font",
    "<table",
    "<a",
    "<style",
    "<title",
    "<b",
    "<body",
    "<br",
    "<p",
];

/// A language in which a body can have links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// HTML.
    Html,
    /// XHTML, SVG, and other XML.
    Xml,
    /// A style sheet.
    Css,
}

impl Language {
    /// The language that the `Content-Type` names, or if it names none, that the body begins in. A
    /// style sheet has no certain beginning: then the end of its path counts.
    pub fn of(content_type: &str, path: &str, body: &[u8]) -> Option<Self> {
        // Of several, the last one counts that is a type.
        let mut kinds = content_type.split(',').map(kind);
        let last = kinds.rfind(|kind| kind.contains('/') && *kind != "*/*");
        match &*last
            .unwrap_or_else(|| kind(content_type))
            .to_ascii_lowercase()
        {
            "text/html" => Some(Self::Html),
            "text/css" => Some(Self::Css),
            "application/xhtml+xml"
            | "application/vnd.wap.xhtml+xml"
            | "image/svg+xml"
            | "application/xml"
            | "text/xml" => Some(Self::Xml),
            "unknown/unknown" | "application/unknown" | "*/*" => Self::sniff(body),
            "" if path.ends_with(".css") => Some(Self::Css),
            kind if !kind.contains('/') => Self::sniff(body),
            _ => None,
        }
    }

    /// What the body begins in.
    fn sniff(body: &[u8]) -> Option<Self> {
        // Also finds UTF-16, and removes a byte order mark.
        let (start, _) = charset::decode(&body[..body.len().min(SNIFFED)], "");
        let start = start.trim_ascii_start().as_bytes();
        let begins = |with: &str| {
            let begin = start.get(..with.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(with.as_bytes()))
        };
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
        let is_tag = |tag: &&str| begins(tag) && start.get(tag.len()).is_some_and(is_end);
        if begins("<!--") || TAGS.iter().any(is_tag) {
            Some(Self::Html)
        } else if start.starts_with(b"<?xml") {
            Some(Self::Xml)
        } else {
            None
        }
    }
}

/// A type without its parameters.
fn kind(content_type: &str) -> &str {
    // Some servers forget the semicolon before the charset.
    let mut parts = content_type.trim_start().split([';', ',', ' ', '\t']);
    parts.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_without_a_type_is_recognised_by_its_beginning() {
        use Language::{Css, Html, Xml};
        let utf_16: Vec<u8> = "<p>".bytes().flat_map(|byte| [0, byte]).collect();
        for (kind, body, expected) in [
            ("", &b"\n <!DOCTYPE html>"[..], Some(Html)),
            ("", b"<HTML lang=x>", Some(Html)),
            ("", b"<html\nlang=x>", Some(Html)),
            ("", b"<body\tid=x>", Some(Html)),
            ("text/plain, text/html; x", b"", Some(Html)),
            ("text/html, text/plain", b"", None),
            ("text/html; charset=utf-8, */*", b"", Some(Html)),
            ("", b"\xef\xbb\xbf<p>", Some(Html)),
            ("", b"\xff\xfe<\0p\0>\0", Some(Html)),
            ("", &utf_16, Some(Html)),
            ("", b"<!-- a -->x", Some(Html)),
            ("", b"<?xml version='1.0'?><html/>", Some(Xml)),
            ("*/*; q=1", b"<a href=x>", Some(Html)),
            ("html", b"<br>", Some(Html)),
            ("", b"<article>", None),
            ("", b"<abbr>", None),
            ("", b"text <p>", None),
            ("", b"%PDF-1.4 <p>", None),
            ("", b"", None),
            ("text/plain", b"<!doctype html>", None),
            ("Text/HTML ; charset=x", b"", Some(Html)),
            ("text/css", b"", Some(Css)),
            (" text/html charset=utf-8", b"", Some(Html)),
            ("text/html,text/html", b"", Some(Html)),
            ("application/vnd.wap.xhtml+xml", b"", Some(Xml)),
            ("image/svg+xml", b"", Some(Xml)),
        ] {
            assert_eq!(Language::of(kind, "/x", body), expected, "{kind} {body:?}");
        }
        assert_eq!(Language::of("", "/x.css", b"<p>"), Some(Css));
        assert_eq!(Language::of("text/html", "/x.css", b""), Some(Html));
    }
}
