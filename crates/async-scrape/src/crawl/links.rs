//! What is found in a page: its title, and where its links lead.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use indexmap::IndexSet;
use reqwest::Url;

use super::html::Syntax;
use super::language::Language;
use super::{address, charset, css};
use folder::Folder;

mod folder;
pub(super) mod places;
mod raw;
mod values;

pub use raw::Raw;
pub use values::{header_says_nofollow, refresh, srcset};

/// The most bytes of links that are taken from one page. That is 100 000 links and more, which no
/// page for people has.
const MOST_BYTES: usize = 16 << 20;

/// What was found in a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The text of its first `<title>`, with single spaces.
    pub title: Option<String>,
    /// Where its links lead, in their order, each once, in the spelling of [`address::clean`].
    /// Links that can't be downloaded are left out.
    pub links: Vec<String>,
    /// The pages that it names as a sitemap.
    pub locations: Vec<String>,
    /// Whether it asks not to follow its links (`<meta name="robots" content="nofollow">`).
    pub nofollow: bool,
}

impl Found {
    /// Adds a link that stands beside the page, in a header.
    pub fn add(&mut self, link: &str, url: &Url) {
        let target = url.join(link).ok();
        if let Some(target) = target.and_then(|target| address::clean_link(target).ok())
            && !self.links.iter().any(|link| link == target.as_str())
        {
            self.links.push(target.into());
        }
    }
}

/// Searches a body that was downloaded from `url`. A page may have wishes for the program of this
/// name.
pub fn find(language: Language, body: &[u8], content_type: &str, url: &Url, agent: &str) -> Found {
    let (text, mut encoding) = charset::decode(body, content_type);
    let mut raw = Raw::by(agent);
    match language {
        Language::Html => raw.scan(&text, Syntax::Html),
        Language::Xml => raw.scan(&text, Syntax::Xml),
        Language::Css => css::urls(&text, &mut |url| raw.link(url)),
    }
    // What is ASCII as it is written may have other characters in its references.
    if encoding == UTF_8 && raw.links.iter().any(|link| !link.is_ascii()) {
        encoding = charset::declared(body, content_type).unwrap_or(UTF_8);
    }
    resolve(raw, url, encoding)
}

/// Searches a page. `tests/all/links.rs` compares the result with that of a browser's tokenizer.
pub fn read_html(text: &str) -> Raw {
    let mut raw = Raw::default();
    raw.scan(text, Syntax::Html);
    raw
}

/// The URL to which the links of a page are relative, if that is not the page itself.
pub fn base(written: Option<&str>, url: &Url) -> Option<Url> {
    let base = url.join(written?).ok();
    // Browsers ignore such a base.
    base.filter(|base| !["data", "javascript"].contains(&base.scheme()))
}

/// Resolves a link of a page in this encoding; `None` if it is no URL.
pub fn join(base: &Url, link: &str, encoding: &'static Encoding) -> Option<Url> {
    // A query is sent in the page's own encoding.
    let encode: &dyn for<'t> Fn(&'t str) -> Cow<'t, [u8]> = &|text| encoded(text, encoding).into();
    let options = Url::options().base_url(Some(base));
    let options = match encoding == UTF_8 {
        true => options,
        false => options.encoding_override(Some(encode)),
    };
    options.parse(link).ok()
}

/// Encodes a query. A character that the encoding does not have becomes a reference, `&#945;`, as
/// in a form.
fn encoded(query: &str, encoding: &'static Encoding) -> Vec<u8> {
    let (bytes, _, lacks_some) = encoding.encode(query);
    if !lacks_some {
        return bytes.into_owned();
    }
    let mut bytes = Vec::new();
    for character in query.chars() {
        let mut text = [0; 4];
        match encoding.encode(character.encode_utf8(&mut text)) {
            (encoded, _, false) => bytes.extend_from_slice(&encoded),
            _ => bytes.extend(format!("%26%23{}%3B", u32::from(character)).into_bytes()),
        }
    }
    bytes
}

fn resolve(raw: Raw, url: &Url, encoding: &'static Encoding) -> Found {
    let base = base(raw.base.as_deref(), url);
    let base = base.as_ref().unwrap_or(url);
    let mut links = IndexSet::with_capacity(raw.links.len());
    let mut room = MOST_BYTES;
    resolve_links(&raw, base, encoding, &mut links, &mut room);
    let locations = raw.locations.iter();
    Found {
        title: raw.title,
        locations: locations
            .filter_map(|link| clean(base, link, encoding))
            .collect(),
        links: links.into_iter().collect(),
        nofollow: raw.nofollow,
    }
}

/// Resolves a link, in the spelling of [`address::clean`].
fn clean(base: &Url, link: &str, encoding: &'static Encoding) -> Option<String> {
    let url = join(base, link, encoding)?;
    address::clean_link(url).ok().map(String::from)
}

/// Adds the links of a page, and of the pages in it. With a long base, short links become long
/// URLs: so the bound is on these.
fn resolve_links(
    raw: &Raw,
    base: &Url,
    encoding: &'static Encoding,
    links: &mut IndexSet<String>,
    room: &mut usize,
) {
    let folder = Folder::of(base);
    let resolve = |link: &String| {
        let plain = folder.as_ref().and_then(|folder| folder.resolve(link));
        plain.or_else(|| clean(base, link, encoding))
    };
    links.extend(raw.links.iter().filter_map(resolve).take_while(|link| {
        *room = room.saturating_sub(link.len());
        *room > 0
    }));
    for inner in &raw.inner {
        let own = self::base(inner.base.as_deref(), base);
        resolve_links(inner, own.as_ref().unwrap_or(base), encoding, links, room);
    }
}
