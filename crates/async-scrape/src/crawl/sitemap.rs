//! [Sitemaps](https://www.sitemaps.org/protocol.html) whatever their server says that they are.

use reqwest::Url;

use super::language::SNIFFED;
use super::{address, charset, coding};

/// Whether a body begins as a sitemap in XML does. Some servers call one text, or nothing.
pub fn is_one(body: &[u8]) -> bool {
    let (start, _) = charset::decode(&body[..body.len().min(SNIFFED)], "");
    let is_element = |name: &str| {
        start.match_indices(name).any(|(at, _)| {
            let (before, after) = (&start[..at], &start[at + name.len()..]);
            // An element may have a prefix.
            let prefix = before.rsplit('<').next().unwrap_or_default();
            let is_prefix = prefix.is_empty() || prefix.ends_with(':') && !prefix.contains(' ');
            let is_end = after.starts_with(|c: char| c.is_ascii_whitespace() || c == '>');
            before.contains('<') && is_prefix && is_end
        })
    };
    start.trim_ascii_start().starts_with('<')
        && (is_element("urlset") || is_element("sitemapindex"))
}

/// Whether this is the type of a text without a language.
pub fn is_text(content_type: &str) -> bool {
    coding::without_parameters(content_type).eq_ignore_ascii_case("text/plain")
}

/// The pages that a sitemap names which is a text: a URL a line, and nothing else.
pub fn lines(body: &[u8], content_type: &str, url: &Url) -> Vec<String> {
    if !is_text(content_type) {
        return Vec::new();
    }
    let (text, _) = charset::decode(body, content_type);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_url = |line: &str| line.starts_with("http://") || line.starts_with("https://");
    if !lines.clone().all(is_url) {
        return Vec::new();
    }
    let clean = |line| address::clean_link(url.join(line).ok()?).ok();
    lines.filter_map(clean).map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sitemap_is_recognised_by_its_beginning_or_its_lines() {
        for (body, expected) in [
            ("<urlset><url>", true),
            (
                "\u{feff}\n<?xml version='1.0'?><!-- a --><urlset xmlns='x'>",
                true,
            ),
            ("<s:sitemapindex xmlns:s='x'>", true),
            ("<html><p>a urlset >", false),
            ("<html urlset>", false),
            ("urlset", false),
            ("", false),
        ] {
            assert_eq!(is_one(body.as_bytes()), expected, "{body}");
        }
        let url = Url::parse("http://h/map.txt").unwrap();
        let of = |body: &str| lines(body.as_bytes(), "text/plain; charset=utf-8", &url);
        assert_eq!(
            of("\u{feff}http://h/a#b\r\n\n http://h/c"),
            ["http://h/a", "http://h/c"]
        );
        assert_eq!(of("http://h/a\nand more"), [""; 0]);
        assert_eq!(lines(b"http://h/a", "image/png", &url), [""; 0]);
    }
}
