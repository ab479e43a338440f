//! Replaces the links in a page, and leaves every other byte as it is.
//!
//! A page in an encoding that contains ASCII is edited as it is: each of its bytes becomes one
//! character, and back. So bytes that mean nothing survive, too.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use reqwest::Url;

use super::html::{self, Syntax};
use super::language::Language;
use super::{charset, css, links};

mod tags;

use tags::Tags;

/// A page whose links are replaced.
#[derive(Debug)]
pub struct Page<'p> {
    /// Where it is.
    pub url: &'p Url,
    /// The `Content-Type` of the answer.
    pub content_type: &'p str,
    /// Its language.
    pub language: Language,
}

/// Called with each link, resolved and with its fragment. Returns what is to stand there instead;
/// `None` if the link stays.
pub type Replace<'r> = &'r mut dyn FnMut(&Url) -> Option<String>;

/// How the links of a page are understood.
pub(super) struct Reader<'r> {
    /// What links are relative to.
    base: Url,
    encoding: &'static Encoding,
    /// Whether each character stands for a byte.
    is_bytes: bool,
    replace: Replace<'r>,
}

/// Replaces the links in a body; `None` if none is to be replaced.
pub fn rewrite(page: &Page<'_>, body: &[u8], replace: Replace<'_>) -> Option<Vec<u8>> {
    let (decoded, encoding) = charset::decode(body, page.content_type);
    let is_text = body == decoded.as_bytes();
    // The other encodings use bytes of ASCII for other characters.
    let is_bytes = !is_text && encoding.is_ascii_compatible();
    let text: Cow<'_, str> = match is_bytes {
        true => body.iter().map(|&byte| char::from(byte)).collect(),
        false => decoded,
    };
    let base = match page.language {
        Language::Css => None,
        _ => links::base(base_in(&text).as_deref(), page.url),
    };
    let mut reader = Reader {
        base: base.unwrap_or_else(|| page.url.clone()),
        encoding,
        is_bytes,
        replace,
    };
    let edited = match page.language {
        Language::Html => reader.tags(&text, Syntax::Html),
        Language::Xml => reader.tags(&text, Syntax::Xml),
        Language::Css => reader.css(&text),
    };
    let edited = edited?;
    Some(match is_bytes {
        // Only ASCII was added.
        true => edited.chars().map(|c| c as u8).collect(),
        false if is_text => edited.into_bytes(),
        false => format!("\u{feff}{edited}").into_bytes(),
    })
}

/// The `href` of the first `<base>`.
fn base_in(text: &str) -> Option<String> {
    let finder = |start: &[u8]| start.eq_ignore_ascii_case(b"<base");
    let has_base = text.as_bytes().windows(5).any(finder);
    has_base.then(|| links::read_html(text).base).flatten()
}

impl Reader<'_> {
    /// Replaces a link, which is decoded and unescaped.
    fn link(&mut self, link: &str) -> Option<String> {
        let trimmed = link.trim_matches(|c: char| c <= ' ');
        let target = links::join(&self.base, link, self.encoding)?;
        let new = (self.replace)(&target)?;
        (new != trimmed).then_some(new)
    }

    /// What a text of the page means.
    fn decoded<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.is_bytes || text.is_ascii() {
            return text.into();
        }
        let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let (text, _) = self.encoding.decode_without_bom_handling(&bytes);
        text.into_owned().into()
    }

    fn tags(&mut self, text: &str, syntax: Syntax) -> Option<String> {
        let mut tags = Tags::new(text, self);
        html::scan(text, &mut tags, syntax);
        tags.edits.apply(text)
    }

    /// Replaces the URLs of a style sheet.
    fn css(&mut self, text: &str) -> Option<String> {
        let mut edits = Edits::default();
        css::places(text, &mut |url, place| {
            let Some(new) = self.link(&self.decoded(url)) else {
                return;
            };
            // Neither a quote nor a bracket is in it: see `convert/written.rs`.
            let new = match text.as_bytes()[place.start] {
                quote @ (b'"' | b'\'') => format!("{0}{new}{0}", char::from(quote)),
                _ => format!("url({new})"),
            };
            edits.0.push((place, new));
        });
        edits.apply(text)
    }

    /// Replaces the links of a page inside an attribute (`srcdoc`).
    fn page(&mut self, text: &str) -> Option<String> {
        let own = links::base(base_in(text).as_deref(), &self.base);
        let outer = self.base.clone();
        self.base = own.unwrap_or_else(|| outer.clone());
        let edited = self.tags(text, Syntax::Html);
        self.base = outer;
        edited
    }

    /// Replaces the URLs in a set of pictures.
    fn set(&mut self, set: &str) -> Option<String> {
        let mut edits = Edits::default();
        links::srcset(set, &mut |url| {
            if let Some(new) = self.link(url) {
                edits.0.push((range(set, url), new));
            }
        });
        edits.apply(set)
    }

    /// Replaces the URL in a refresh.
    fn refresh(&mut self, content: &str) -> Option<String> {
        let url = links::refresh(content)?;
        let new = self.link(url)?;
        Edits(vec![(range(content, url), new)]).apply(content)
    }
}

/// Places in a text, and what is to stand there.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(std::ops::Range<usize>, String)>);

impl Edits {
    /// Makes the edits; `None` if there are none.
    fn apply(mut self, text: &str) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        self.0.sort_by_key(|(place, _)| place.start);
        let (mut edited, mut at) = (String::with_capacity(text.len() + text.len() / 8), 0);
        for (place, new) in self.0 {
            edited += &text[at..place.start];
            edited += &new;
            at = place.end;
        }
        Some(edited + &text[at..])
    }
}

/// Where a part of a text stands in it.
fn range(text: &str, part: &str) -> std::ops::Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

/// Whether a browser that is told no encoding would take a wrong one for this body.
pub fn needs_declaration(page: &Page<'_>, body: &[u8]) -> Option<&'static Encoding> {
    let (_, encoding) = charset::decode(body, page.content_type);
    let is_told = encoding.is_ascii_compatible() && !body.is_ascii();
    let is_other = charset::alone(body) != Some(encoding);
    // A byte order mark is a declaration, and XML is UTF-8 unless it declares another.
    let is_xml = page.language == Language::Xml && encoding == UTF_8;
    (is_told && is_other && !is_xml).then_some(encoding)
}

/// Declares an encoding at the beginning of a body.
pub fn declare(language: Language, body: &[u8], encoding: &'static Encoding) -> Vec<u8> {
    let name = encoding.name();
    let (at, declaration) = match language {
        Language::Css => (0, format!("@charset \"{name}\";")),
        Language::Html => (tags::head(body), format!("<meta charset=\"{name}\">")),
        // Its declaration can't be mended without being understood.
        Language::Xml => return body.to_vec(),
    };
    [&body[..at], declaration.as_bytes(), &body[at..]].concat()
}
