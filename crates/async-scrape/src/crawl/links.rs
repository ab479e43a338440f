//! What is found in a page: its title, and where its links lead.

use std::borrow::Cow;

use encoding_rs::Encoding;
use indexmap::IndexSet;
use reqwest::Url;

use super::html::{self, Sink};
use super::{address, charset, css};

/// The most bytes of links that are taken from one page. That is 100 000 links and more, which no
/// page for people has.
const MOST_BYTES: usize = 16 << 20;

/// What was found in a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The text of its first `<title>`, with single spaces.
    pub title: Option<String>,
    /// Where its links lead, in their order, each once, and cleaned. Links that can't be downloaded
    /// are left out.
    pub links: Vec<Url>,
    /// Whether it asks not to follow its links (`<meta name="robots" content="nofollow">`).
    pub nofollow: bool,
}

/// A language in which a body can have links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// HTML, and XHTML.
    Html,
    /// A style sheet.
    Css,
}

impl Language {
    /// The language that the `Content-Type` names, or if there is none, that the body begins in.
    pub fn of(content_type: &str, start: &[u8]) -> Option<Self> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        let is = |name: &str| kind.eq_ignore_ascii_case(name);
        let start = start.trim_ascii_start();
        let begins = |with: &str| {
            start
                .get(..with.len())
                .is_some_and(|s| s.eq_ignore_ascii_case(with.as_bytes()))
        };
        if is("text/html")
            || is("application/xhtml+xml")
            || kind.is_empty() && (begins("<!doctype html") || begins("<html"))
        {
            Some(Self::Html)
        } else if is("text/css") {
            Some(Self::Css)
        } else {
            None
        }
    }
}

/// Searches a body that was downloaded from `url`.
pub fn find(language: Language, body: &[u8], content_type: &str, url: &Url) -> Found {
    let (text, encoding) = charset::decode(body, content_type);
    let raw = match language {
        Language::Html => read_html(&text),
        Language::Css => {
            let mut raw = Raw::default();
            css::urls(&text, &mut |url| raw.link(url));
            raw
        }
    };
    raw.resolve(url, encoding)
}

impl Found {
    /// Adds a link that stands beside the page, in a header.
    pub fn add(&mut self, link: &str, url: &Url) {
        let target = url.join(link).ok();
        if let Some(target) = target.and_then(|target| address::clean_link(target).ok())
            && !self.links.contains(&target)
        {
            self.links.push(target);
        }
    }
}

/// Searches a page. `tests/all/links.rs` compares the result with that of a browser's tokenizer.
pub fn read_html(text: &str) -> Raw {
    let mut raw = Raw::default();
    html::scan(text, &mut Unescaping(&mut raw));
    raw
}

/// What was found in a page, before its links are resolved: they are unescaped, and have no
/// fragments.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Raw {
    title: Option<String>,
    base: Option<String>,
    links: IndexSet<String>,
    nofollow: bool,
}

impl Raw {
    /// Takes links from a start tag. `unescape` is applied to the attributes' values.
    pub fn tag(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        unescape: for<'a> fn(&'a str) -> Cow<'a, str>,
    ) {
        if attributes.is_empty() {
            return;
        }
        let of = |key: &str| {
            let found = attributes
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(key));
            found.map(|(_, value)| unescape(value))
        };
        if let Some(style) = of("style") {
            css::urls(&style, &mut |url| self.link(url));
        }
        // As long as the longest name below.
        let mut lower = [0; 10];
        let Some(lower) = lower.get_mut(..name.len()) else {
            return;
        };
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        let (links, sets): (&[&str], &[&str]) = match &*lower {
            b"a" | b"area" => (&["href"], &[]),
            b"link" => match of("rel") {
                // Such links name servers, not pages.
                Some(rel)
                    if rel.eq_ignore_ascii_case("preconnect")
                        || rel.eq_ignore_ascii_case("dns-prefetch") =>
                {
                    return;
                }
                _ => (&["href"], &["imagesrcset"]),
            },
            b"img" | b"source" => (&["src"], &["srcset"]),
            b"script" | b"iframe" | b"frame" | b"embed" | b"track" | b"audio" | b"input" => {
                (&["src"], &[])
            }
            b"video" => (&["src", "poster"], &[]),
            b"object" => (&["data"], &[]),
            b"body" | b"table" | b"tr" | b"td" | b"th" => (&["background"], &[]),
            b"image" | b"use" => (&["href", "xlink:href"], &[]),
            b"base" => {
                if let (None, Some(href)) = (&self.base, of("href")) {
                    self.base = Some(href.into_owned());
                }
                return;
            }
            b"meta" => return self.meta(of("http-equiv"), of("name"), of("content")),
            _ => return,
        };
        for link in links.iter().filter_map(|key| of(key)) {
            self.link(&link);
        }
        for set in sets.iter().filter_map(|key| of(key)) {
            srcset(&set, &mut |url| self.link(url));
        }
    }

    /// Takes the title, or links, from the text of a `title` or a `style`. A title is unescaped.
    pub fn text(&mut self, name: &str, text: &str) {
        if name.eq_ignore_ascii_case("style") {
            css::urls(text, &mut |url| self.link(url));
        } else if self.title.is_none() {
            self.title = Some(text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }

    fn meta(
        &mut self,
        equiv: Option<Cow<'_, str>>,
        name: Option<Cow<'_, str>>,
        content: Option<Cow<'_, str>>,
    ) {
        let Some(content) = content else { return };
        if equiv.is_some_and(|equiv| equiv.eq_ignore_ascii_case("refresh")) {
            if let Some(url) = refresh(&content) {
                self.link(url);
            }
        } else if name.is_some_and(|name| name.eq_ignore_ascii_case("robots")) {
            let mut words = content.split([',', ' ']);
            self.nofollow |= words.any(|word| {
                ["nofollow", "none"]
                    .iter()
                    .any(|no| no.eq_ignore_ascii_case(word))
            });
        }
    }

    fn link(&mut self, link: &str) {
        let link = link.split('#').next().unwrap_or_default();
        let link = link.trim_matches(|c: char| c <= ' ');
        // Line breaks inside a URL are ignored.
        let one_line;
        let link = match link.contains(['\n', '\r', '\t']) {
            true => {
                one_line = link.replace(['\n', '\r', '\t'], "");
                &*one_line
            }
            false => link,
        };
        // Most links of a page occur several times.
        if !link.is_empty() && !self.links.contains(link) {
            self.links.insert(link.to_owned());
        }
    }

    fn resolve(self, url: &Url, encoding: &'static Encoding) -> Found {
        let base = self.base.and_then(|base| url.join(&base).ok());
        let base = base.as_ref().unwrap_or(url);
        // A query is sent in the page's own encoding.
        let encode: &dyn for<'t> Fn(&'t str) -> Cow<'t, [u8]> =
            &|text| Cow::Owned(encoding.encode(text).0.into_owned());
        let options = Url::options().base_url(Some(base));
        let options = match encoding == encoding_rs::UTF_8 {
            true => options,
            false => options.encoding_override(Some(encode)),
        };
        let links = self
            .links
            .iter()
            .filter_map(|link| options.parse(link).ok());
        // With a long base, short links become long URLs: so the bound is on these.
        let mut room = MOST_BYTES;
        let links: IndexSet<Url> = links
            .filter_map(|link| address::clean_link(link).ok())
            .take_while(|link| {
                room = room.saturating_sub(link.as_str().len());
                room > 0
            })
            .collect();
        Found {
            title: self.title,
            links: links.into_iter().collect(),
            nofollow: self.nofollow,
        }
    }
}

/// Unescapes what the scanner finds, where it must be unescaped.
struct Unescaping<'r>(&'r mut Raw);

impl<'t> Sink<'t> for Unescaping<'_> {
    fn tag(&mut self, name: &'t str, attributes: &[(&'t str, &'t str)]) {
        self.0.tag(name, attributes, |value| {
            match value.contains(['&', '\0']) {
                true => htmlize::unescape_attribute(without_nul(value)),
                false => value.into(),
            }
        });
    }

    fn text(&mut self, name: &'t str, text: &'t str) {
        match name.eq_ignore_ascii_case("title") {
            true => self.0.text(name, &htmlize::unescape(without_nul(text))),
            false => self.0.text(name, text),
        }
    }
}

/// Replaces NUL by `�`, as the HTML standard requires.
fn without_nul(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}").into(),
        false => text.into(),
    }
}

/// Finds the URLs in a `srcset`: a list of pictures, each perhaps with a width or a density. A URL
/// ends at white space, or at a comma before it.
fn srcset(mut set: &str, found: &mut impl FnMut(&str)) {
    loop {
        set = set.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if set.is_empty() {
            return;
        }
        let (url, rest) = set
            .split_once(|c: char| c.is_ascii_whitespace())
            .unwrap_or((set, ""));
        let alone = url.trim_end_matches(',');
        found(alone);
        set = match alone.len() == url.len() {
            // A width or density follows, which ends with a comma.
            true => rest.split_once(',').map_or("", |(_, rest)| rest),
            false => rest,
        };
    }
}

/// The URL in the content of a refresh, such as `5; url=there`. Browsers also take it without the
/// number, the semicolon, or `url=`.
pub fn refresh(content: &str) -> Option<&str> {
    let rest = content
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ';' || c == ',');
    let url = match rest.get(..3) {
        Some(key) if key.eq_ignore_ascii_case("url") => rest[3..]
            .trim_start()
            .strip_prefix('=')
            .map_or(rest, str::trim_start),
        _ => rest,
    };
    let url = match url.chars().next()? {
        quote @ ('"' | '\'') => url[1..].split(quote).next()?,
        _ => url,
    };
    Some(url)
}
