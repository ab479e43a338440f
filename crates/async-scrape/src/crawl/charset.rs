//! The encoding of a page: from bytes to text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

use super::html::{self, Sink, Syntax};

/// The bytes at the beginning of a page that may declare its encoding.
const PRESCAN: usize = 1024;

/// Decodes a page, and returns its text and its encoding.
///
/// The encoding is that of the byte order mark; without one, that of the `Content-Type`; or else
/// the one that the page declares. A page without any is UTF-8 if it is valid UTF-8, and
/// windows-1252 if not. Bytes that can't be decoded become �.
pub fn decode<'b>(bytes: &'b [u8], content_type: &str) -> (Cow<'b, str>, &'static Encoding) {
    // ASCII is the same in every encoding, except in those that use escapes or zeros.
    if bytes.is_ascii()
        && memchr::memchr2(0x1b, 0, bytes).is_none()
        && let Ok(text) = str::from_utf8(bytes)
    {
        return (text.into(), UTF_8);
    }
    let (encoding, mark) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (Some(encoding), mark),
        None => (declared(bytes, content_type), 0),
    };
    let bytes = &bytes[mark..];
    if encoding.is_none_or(|encoding| encoding == UTF_8)
        && let Ok(text) = str::from_utf8(bytes)
    {
        return (text.into(), UTF_8);
    }
    // A declaration that comes late makes a browser read the page again.
    let encoding = encoding.or_else(|| prescan(bytes)).unwrap_or(WINDOWS_1252);
    (encoding.decode_without_bom_handling(bytes).0, encoding)
}

/// The encoding that the `Content-Type` names, or else the page near its beginning.
pub fn declared(bytes: &[u8], content_type: &str) -> Option<&'static Encoding> {
    parameter(content_type)
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .or_else(|| utf_16(bytes))
        .or_else(|| prescan(&bytes[..bytes.len().min(PRESCAN)]))
}

/// The encoding that a body declares by itself, for a browser that is told none.
pub fn alone(bytes: &[u8]) -> Option<&'static Encoding> {
    let mark = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    mark.or_else(|| declared(bytes, ""))
}

/// Recognises UTF-16 without a byte order mark by a tag in its first characters.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let mut pairs = bytes.chunks_exact(2);
    let first =
        pairs.find(|pair| !matches!(pair, [0, b' ' | b'\n' | b'\r'] | [b' ' | b'\n' | b'\r', 0]));
    match (first?, pairs.next()?) {
        (b"<\0", [_, 0]) => Some(UTF_16LE),
        (b"\0<", [0, _]) => Some(UTF_16BE),
        _ => None,
    }
}

/// The `charset=` parameter of a content type.
fn parameter(content_type: &str) -> Option<&str> {
    let lower = content_type.to_ascii_lowercase();
    let mut values = lower.match_indices("charset").filter_map(|(at, name)| {
        // Not the end of another name.
        let is_name = !lower[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-');
        let value = content_type[at + name.len()..].trim_start();
        value.strip_prefix('=').filter(|_| is_name)
    });
    let value = values.next()?.trim_start();
    let value = match value.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.split(['"', '\'']).next(),
        // Of several headers, one may be joined to it.
        None => value
            .split(|c: char| c == ';' || c == ',' || c.is_whitespace())
            .next(),
    };
    value.filter(|value| !value.is_empty())
}

/// Finds the encoding that a page's `meta`, the declaration of XML, or a style sheet's `@charset`
/// declares.
fn prescan(bytes: &[u8]) -> Option<&'static Encoding> {
    // A declaration is ASCII, in every encoding that can be declared in this way.
    let text = str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::from);
    let label = match text.strip_prefix("@charset \"") {
        Some(rest) => rest.split('"').next().map(str::to_owned),
        None => {
            let mut metas = Metas(xml_declaration(&text));
            html::scan(&text, &mut metas, Syntax::Html);
            metas.0
        }
    };
    let encoding = Encoding::for_label(label?.as_bytes())?;
    // The declaration was read as ASCII, so it can't be UTF-16.
    Some(if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        encoding
    })
}

/// The encoding in `<?xml version="1.0" encoding="koi8-r"?>`.
fn xml_declaration(text: &str) -> Option<String> {
    let (declaration, _) = text.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let label = value.split(['"', '\'']).nth(1)?;
    Some(label.to_owned())
}

/// The first encoding that a `meta` declares, and is known.
struct Metas(Option<String>);

impl<'t> Sink<'t> for Metas {
    fn tag(&mut self, name: &'t str, attributes: &[(&'t str, &'t str)]) {
        if self.0.is_some() || !name.eq_ignore_ascii_case("meta") {
            return;
        }
        let of = |key: &str| {
            attributes
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(key))
                .map(|(_, value)| *value)
        };
        let is_type =
            of("http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("content-type"));
        let label = of("charset").or_else(|| parameter(of("content").filter(|_| is_type)?));
        // A name that nobody knows is passed over.
        let label = label.filter(|label| Encoding::for_label(label.as_bytes()).is_some());
        self.0 = label.map(str::to_owned);
    }

    fn text(&mut self, _: &'t str, _: &'t str) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page whose declaration is far from its beginning.
    fn late(label: &str, body: &[u8]) -> Vec<u8> {
        let head = format!("<!-- {} --><meta charset={label}>", "-".repeat(2000));
        [head.as_bytes(), body].concat()
    }

    #[test]
    fn the_encoding_is_found_where_it_is_said() {
        let meta = b"<!doctype html><meta charset=\"shift_jis\">\x83\x5c";
        let equiv = b"<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=koi8-r'>\xc1";
        for (bytes, header, text, name) in [
            (
                &b"\xff\xfea\0"[..],
                "text/html; charset=utf-8",
                "a",
                "UTF-16LE",
            ),
            (
                b"\xe4",
                "text/html; Charset=\"ISO-8859-1\"",
                "\u{e4}",
                "windows-1252",
            ),
            (
                b"\xe4",
                "text/html;charset = latin1; x=y",
                "\u{e4}",
                "windows-1252",
            ),
            (meta, "text/html; xcharset=utf-8", "\u{30bd}", "Shift_JIS"),
            (
                b"<meta charset=nonsense><meta charset=koi8-r>\xc1",
                "text/html",
                "\u{430}",
                "KOI8-R",
            ),
            (
                b"\xc1",
                "text/html; xcharset=utf-8; charset; charset=koi8-r, text/html",
                "\u{430}",
                "KOI8-R",
            ),
            (
                b"<meta charset=x-user-defined>\xe4",
                "text/html",
                "\u{e4}",
                "windows-1252",
            ),
            (equiv, "", "\u{430}", "KOI8-R"),
            (
                b"<!--<meta charset=koi8-r>--><p>\xc3\xa4",
                "text/html; charset=nonsense",
                "\u{e4}",
                "UTF-8",
            ),
            (b"<meta charset=utf-16>a", "", "a", "UTF-8"),
            (b"\xc3\xa4", "text/html", "\u{e4}", "UTF-8"),
            (b"\xe4", "text/html", "\u{e4}", "windows-1252"),
            (b"\xe4", "text/html; charset=utf-8", "\u{fffd}", "UTF-8"),
            (
                b"@charset \"koi8-r\"; \xc1",
                "text/css",
                "\u{430}",
                "KOI8-R",
            ),
            (b"<\0a\0", "text/html; charset=utf-16le", "<a", "UTF-16LE"),
            (b"", "", "", "UTF-8"),
            (b"<\0p\0>\0\xe4\0", "text/html", "\u{e4}", "UTF-16LE"),
            (b"\0 \0<\0p\0>\0\xe4", "", "\u{e4}", "UTF-16BE"),
            (
                b"<?xml version='1.0' encoding=\"koi8-r\" ?><p>\xc1",
                "application/xhtml+xml",
                "\u{430}",
                "KOI8-R",
            ),
            (&late("koi8-r", b"\xc1"), "text/html", "\u{430}", "KOI8-R"),
            (
                &late("shift_jis", b"\x83\x5c"),
                "text/html",
                "\u{30bd}",
                "Shift_JIS",
            ),
        ] {
            let (decoded, encoding) = decode(bytes, header);
            assert!(decoded.ends_with(text), "{bytes:?} {header}: {decoded}");
            assert_eq!(encoding.name(), name, "{bytes:?} {header}");
        }
    }
}
