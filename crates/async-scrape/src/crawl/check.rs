//! Which links of a finished crawl are broken (`--link-check`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use percent_encoding::percent_decode_str;
use reqwest::Url;

use super::html::{self, Sink, Syntax};
use super::index::{Entry, Index};
use super::language::Language;
use super::originals::Originals;
use super::rewrite::{self, Page};
use super::{address, charset, frontier};

/// A link that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The page that it is in.
    pub page: String,
    /// Where it leads.
    pub link: String,
    /// Why there is nothing.
    pub why: String,
}

/// What is known of the pages of a crawl.
struct Site<'s> {
    folder: &'s Path,
    originals: Originals,
    pages: HashMap<&'s str, &'s Entry>,
}

/// Finds the links in the files of this folder whose pages could not be downloaded, or do not have
/// the place that the link names. Links to pages that were not requested are not judged.
///
/// # Errors
/// If a file can't be read.
pub fn broken(folder: &Path) -> Result<Vec<Broken>> {
    let index = Index::read(folder)?.context("there is no index.json")?;
    let pages = index.pages.iter().map(|entry| (&*entry.url, entry));
    let site = Site {
        folder,
        originals: Originals::open(folder, false)?,
        pages: pages.collect(),
    };
    let mut broken = Vec::new();
    // The places that links name in each page, and who names them.
    let mut places: BTreeMap<&str, Vec<(String, Url)>> = BTreeMap::new();
    for entry in &index.pages {
        let Some((language, body)) = site.body(entry)? else {
            continue;
        };
        let url = Url::parse(&entry.url)?;
        let page = Page {
            url: &url,
            content_type: &entry.content_type,
            language,
        };
        let mut seen = HashSet::new();
        rewrite::rewrite(&page, &body, &mut |link| {
            if !seen.insert(link.clone()) {
                return None;
            }
            let target = address::clean_link(link.clone()).ok()?;
            match site.end(target.as_str())? {
                Err(why) => broken.push(Broken {
                    page: entry.url.clone(),
                    link: link.to_string(),
                    why,
                }),
                Ok(target) if link.fragment().is_some_and(|name| !name.is_empty()) => {
                    let named = places.entry(&target.url).or_default();
                    named.push((entry.url.clone(), link.clone()));
                }
                Ok(_) => {}
            }
            None
        });
    }
    for (url, named) in places {
        let Some((Language::Html, body)) = site.body(site.pages[url])? else {
            continue;
        };
        let (text, _) = charset::decode(&body, &site.pages[url].content_type);
        let mut names = Names::default();
        html::scan(&text, &mut names, Syntax::Html);
        for (page, link) in named {
            if !names.has(link.fragment().unwrap_or_default()) {
                let why = "the page has no such place".to_owned();
                let link = link.to_string();
                broken.push(Broken { page, link, why });
            }
        }
    }
    broken.sort_unstable();
    Ok(broken)
}

impl<'s> Site<'s> {
    /// The page to which a URL leads, after all redirects, or why there is none. `None` if it was
    /// not requested.
    fn end(&self, url: &str) -> Option<Result<&'s Entry, String>> {
        let mut entry = self.pages.get(url)?;
        for _ in 0..=frontier::REDIRECTS {
            if let Some(error) = &entry.error {
                return Some(Err(error.clone()));
            }
            match &entry.location {
                Some(next) => entry = self.pages.get(&**next)?,
                None => return Some(Ok(entry)),
            }
        }
        None
    }

    /// The body of a page that may have links, and its language.
    fn body(&self, entry: &Entry) -> Result<Option<(Language, Vec<u8>)>> {
        let Some(file) = &entry.file else {
            return Ok(None);
        };
        let url = Url::parse(&entry.url)?;
        let of = |body: &[u8]| Language::of(&entry.content_type, url.path(), body);
        let original = self.originals.of(&entry.url, entry.bytes);
        let path = original.unwrap_or_else(|| self.folder.join(file));
        let is_typed = entry.content_type.contains('/') && of(b"<html>").is_none();
        if is_typed || entry.remark.is_some() || !path.exists() {
            return Ok(None);
        }
        let body = fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
        Ok(of(&body).map(|language| (language, body)))
    }
}

/// The places in a page to which a link can lead.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// Whether a browser finds this place.
    fn has(&self, name: &str) -> bool {
        // Text fragments are for browsers only.
        let name = name.split(":~:").next().unwrap_or_default();
        let decoded = percent_decode_str(name).decode_utf8_lossy();
        name.is_empty()
            || name.eq_ignore_ascii_case("top")
            || self.0.contains(name)
            || self.0.contains(&*decoded)
    }
}

impl<'t> Sink<'t> for Names {
    fn tag(&mut self, tag: &'t str, attributes: &[(&'t str, &'t str)]) {
        for (name, value) in attributes {
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            if is("id") || is("name") && tag.eq_ignore_ascii_case("a") {
                self.0.insert(html::unescape(value).into_owned());
            }
        }
    }

    fn text(&mut self, _: &'t str, _: &'t str) {}
}
