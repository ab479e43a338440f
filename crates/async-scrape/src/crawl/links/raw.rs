//! What stands in the tags of a page.

use std::borrow::Cow;

use indexmap::IndexSet;
use memchr::{memchr, memchr3};

use super::places;
use super::values::{refresh, says_nofollow, srcset};
use crate::crawl::css;
use crate::crawl::html::{self, Sink, Syntax};

/// How deep pages may be in each other (`<iframe srcdoc>`). Only a trap goes deeper.
const DEEPEST: u32 = 3;

/// Replaces character references in a value.
pub type Unescape = for<'a> fn(&'a str) -> Cow<'a, str>;

/// What was found in a page, before its links are resolved: they are unescaped, and have no
/// fragments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Raw {
    pub(super) title: Option<String>,
    pub(in crate::crawl) base: Option<String>,
    pub(super) links: IndexSet<String>,
    /// Pages in its attributes with a base of their own, which is relative to the one of this page.
    pub(super) inner: Vec<Self>,
    pub(super) nofollow: bool,
    /// The pages that it names as a sitemap.
    pub(super) locations: Vec<String>,
    /// The name of this program, for which a page may have wishes of its own.
    agent: String,
    depth: u32,
}

impl Raw {
    /// Nothing, found by this program.
    pub(super) fn by(agent: &str) -> Self {
        Self {
            agent: agent.to_owned(),
            ..Self::default()
        }
    }

    /// Searches a page.
    pub(super) fn scan(&mut self, text: &str, syntax: Syntax) {
        html::scan(text, &mut Unescaping(self), syntax);
    }

    /// Takes links from a start tag. `unescape` is applied to the attributes' values.
    pub fn tag(&mut self, name: &str, attributes: &[(&str, &str)], unescape: Unescape) {
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
        let mut room = places::Room::default();
        let Some(tag) = places::lower(name, &mut room) else {
            return;
        };
        match tag {
            "link" if of("rel").is_some_and(|rel| places::names_server(&rel)) => return,
            "iframe" => {
                if let Some(page) = of("srcdoc") {
                    self.page(&page);
                }
            }
            "base" => {
                if let (None, Some(href)) = (&self.base, of("href")) {
                    self.base = Some(href.into_owned());
                }
                return;
            }
            "meta" => return self.meta(of),
            _ => {}
        }
        let (links, sets) = places::of(tag);
        for link in links.iter().filter_map(|key| of(key)) {
            self.link(&link);
        }
        for set in sets.iter().filter_map(|key| of(key)) {
            srcset(&set, &mut |url| self.link(url));
        }
    }

    /// Takes the title, or links, from the text of a `title`, a `style` or a `loc`. A title is
    /// unescaped.
    pub fn text(&mut self, name: &str, text: &str) {
        if name.eq_ignore_ascii_case("style") {
            css::urls(text, &mut |url| self.link(url));
        } else if name.eq_ignore_ascii_case(html::LOCATION) {
            let text = text.trim().strip_prefix("<![CDATA[").unwrap_or(text);
            let text = text.strip_suffix("]]>").unwrap_or(text);
            self.locations
                .push(html::unescape(text.trim()).into_owned());
        } else if self.title.is_none() {
            let title = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // A title may be printed: it must not command a terminal.
            self.title = Some(title.replace(char::is_control, "\u{fffd}"));
        }
    }

    fn meta<'v>(&mut self, of: impl Fn(&str) -> Option<Cow<'v, str>>) {
        let Some(content) = of("content") else { return };
        let is = |key: &str, value: &str| of(key).is_some_and(|v| v.eq_ignore_ascii_case(value));
        if is("http-equiv", "refresh") {
            if let Some(url) = refresh(&content) {
                self.link(url);
            }
        } else if is("name", "robots") || of("name").is_some_and(|name| self.is_called(&name)) {
            self.nofollow |= says_nofollow(&content);
        } else if ["property", "name"]
            .iter()
            .any(|key| of(key).is_some_and(|name| places::is_media(&name)))
        {
            self.link(&content);
        }
    }

    /// Whether this is the name of this program, perhaps with a version.
    fn is_called(&self, name: &str) -> bool {
        let name = name.split(['/', ' ']).next().unwrap_or_default();
        !self.agent.is_empty() && name.eq_ignore_ascii_case(&self.agent)
    }

    /// Takes the links of a page that is in an attribute of this one.
    fn page(&mut self, page: &str) {
        if self.depth == DEEPEST {
            return;
        }
        let mut inner = Self {
            depth: self.depth + 1,
            ..Self::default()
        };
        inner.scan(page, Syntax::Html);
        match inner.base {
            None => {
                self.links.extend(inner.links);
                self.inner.append(&mut inner.inner);
            }
            Some(_) => self.inner.push(inner),
        }
    }

    pub(super) fn link(&mut self, link: &str) {
        let link = memchr(b'#', link.as_bytes()).map_or(link, |end| &link[..end]);
        let link = link.trim_matches(|c: char| c <= ' ');
        // Line breaks inside a URL are ignored.
        let one_line;
        let link = match memchr3(b'\n', b'\r', b'\t', link.as_bytes()) {
            Some(_) => {
                one_line = link.replace(['\n', '\r', '\t'], "");
                &*one_line
            }
            None => link,
        };
        // Most links of a page occur several times.
        if !link.is_empty() && !self.links.contains(link) {
            self.links.insert(link.to_owned());
        }
    }
}

/// Unescapes what the scanner finds, where it must be unescaped.
struct Unescaping<'r>(&'r mut Raw);

impl<'t> Sink<'t> for Unescaping<'_> {
    fn tag(&mut self, name: &'t str, attributes: &[(&'t str, &'t str)]) {
        self.0.tag(name, attributes, html::unescape);
    }

    fn text(&mut self, name: &'t str, text: &'t str) {
        match name.eq_ignore_ascii_case("title") {
            true => self
                .0
                .text(name, &htmlize::unescape(html::without_nul(text))),
            false => self.0.text(name, text),
        }
    }
}
