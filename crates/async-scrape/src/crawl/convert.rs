//! Makes the files of a finished crawl a site that can be read without a network
//! (`--convert-links`).
//!
//! A link to a page that was fetched becomes a link to its file, and every other link becomes a
//! whole URL. A file's name gets the ending that browsers need to know its language. What a server
//! sent is kept, as the crawl may be resumed: the files have other links by then.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::Read;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use anyhow::{Context, Result};
use reqwest::Url;
use timing::workers;

use super::address;
use super::frontier::REDIRECTS;
use super::index::Entry;
use super::language::{Language, SNIFFED};
use super::names::{Case, unique};
use super::originals::Originals;
use super::rewrite::{self, Page};
use crate::file::{Destination, Part};

mod written;

use written::{plain, relative};

/// The endings by which browsers recognise each language. The first is added to other names.
const HTML: &[&str] = &["html", "htm", "shtml", "shtm"];
const XHTML: &[&str] = &["xhtml", "xht", "xhtm", "xml"];
const SVG: &[&str] = &["svg"];
const CSS: &[&str] = &["css"];

/// The folder of a finished crawl.
pub struct Converter<'s> {
    /// Where the files are.
    pub folder: &'s Path,
    /// The folder for what is not finished.
    pub aside: &'s Path,
    /// What the server sent.
    pub originals: &'s Originals,
    /// Whether names that differ only by letter case are different.
    pub case: Case,
}

/// A page that has a file.
struct Target<'e> {
    entry: &'e Entry,
    url: Url,
    language: Option<Language>,
    /// Its file now.
    from: &'e str,
    /// Its file afterwards.
    to: String,
}

impl Converter<'_> {
    /// Converts all files. Returns the new name of each file that gets one.
    ///
    /// # Errors
    /// If a file can't be read or written. Then all files are again as they were sent.
    pub fn convert(&self, entries: &[Entry]) -> Result<HashMap<String, String>> {
        let targets = self.targets(entries)?;
        let by_url: HashMap<&str, usize> = (0..)
            .zip(&targets)
            .map(|(number, target)| (&*target.entry.url, number))
            .collect();
        let moved = entries.iter().filter(|entry| entry.file.is_none());
        let redirects = moved.filter_map(|entry| Some((&*entry.url, &**entry.location.as_ref()?)));
        let redirects: HashMap<&str, &str> = redirects.collect();
        let file_of = |url: &Url| {
            let mut url = url.as_str();
            for _ in 0..=REDIRECTS {
                match redirects.get(url) {
                    Some(next) => url = next,
                    None => break,
                }
            }
            by_url.get(url).map(|&number| &*targets[number].to)
        };
        let (next, cores) = (AtomicUsize::new(0), thread::available_parallelism());
        let converted = thread::scope(|scope| {
            let (targets, next, file_of) = (&targets, &next, &file_of);
            let worker = move || {
                while let Some(target) = targets.get(next.fetch_add(1, Relaxed)) {
                    self.one(target, file_of)?;
                }
                Ok(())
            };
            let threads = (0..cores.map_or(1, NonZero::get))
                .map(|number| (format!("converter {number}"), scope.spawn(worker)));
            let ends: Vec<Result<()>> = workers::join_all(threads.collect())?;
            ends.into_iter().collect::<Result<()>>()
        });
        if converted.is_err() {
            self.revert(&targets);
        }
        converted.context("the links can't be converted, so the files stay as they were sent")?;
        let renamed = targets
            .into_iter()
            .filter(|target| target.from != target.to);
        Ok(renamed
            .map(|target| (target.from.to_owned(), target.to))
            .collect())
    }

    /// Takes back what was converted, which needs no room on the disk. What can't be moved back
    /// stays in the folder of the originals, where a resumed crawl finds it.
    fn revert(&self, targets: &[Target<'_>]) {
        for target in targets {
            let (entry, is_renamed) = (target.entry, target.from != target.to);
            let (from, to) = (self.folder.join(target.from), self.folder.join(&target.to));
            if self.originals.restore(&entry.url, entry.bytes, &from) {
                if is_renamed {
                    let _ = fs::remove_file(to);
                }
            } else if is_renamed && !from.exists() {
                let _ = fs::rename(to, from);
            }
        }
    }

    /// The pages that have files, and what their files will be called.
    fn targets<'e>(&self, entries: &'e [Entry]) -> Result<Vec<Target<'e>>> {
        let good = entries.iter().filter(|entry| entry.error.is_none());
        let with_file = good.filter_map(|entry| Some((entry, &**entry.file.as_ref()?)));
        // Somebody may have removed a file of an earlier crawl.
        let with_file: Vec<_> = with_file
            .filter(|(entry, _)| self.path(entry).is_file())
            .collect();
        // Neither may a file have the name of a folder.
        let names = |file: &str| -> Vec<String> {
            let folders = file.match_indices('/').map(|(at, _)| &file[..at]);
            folders
                .chain([file])
                .map(|name| self.case.key(name))
                .collect()
        };
        let mut taken: HashSet<String> =
            with_file.iter().flat_map(|(_, file)| names(file)).collect();
        let targets = with_file.into_iter().map(|(entry, from)| {
            let url = Url::parse(&entry.url).context("a URL of this crawl")?;
            let language = self.language(entry, &url)?;
            let to = match ending(language, &entry.content_type, from) {
                None => from.to_owned(),
                Some(ending) => {
                    let plain = format!("{from}.{ending}");
                    match taken.insert(self.case.key(&plain)) {
                        true => plain,
                        false => format!("{from}~{}.{ending}", unique(&entry.url)),
                    }
                }
            };
            Ok(Target {
                entry,
                url,
                language,
                from,
                to,
            })
        });
        targets.collect()
    }

    /// The language of a page. Its body is read only if the server did not say.
    fn language(&self, entry: &Entry, url: &Url) -> Result<Option<Language>> {
        // Such a body could not be decoded.
        if entry.remark.is_some() {
            return Ok(None);
        }
        let of = |body: &[u8]| Language::of(&entry.content_type, url.path(), body);
        if let Some(language) = of(&[]) {
            return Ok(Some(language));
        }
        let path = self.path(entry);
        let cant = || format!("can't read {}", path.display());
        let mut start = Vec::new();
        let file = File::open(&path).with_context(cant)?;
        file.take(SNIFFED as u64)
            .read_to_end(&mut start)
            .with_context(cant)?;
        Ok(of(&start))
    }

    /// What the server sent.
    fn body(&self, entry: &Entry) -> Result<Vec<u8>> {
        let path = self.path(entry);
        fs::read(&path).with_context(|| format!("can't read {}", path.display()))
    }

    fn path(&self, entry: &Entry) -> PathBuf {
        let original = self.originals.of(&entry.url, entry.bytes);
        original.unwrap_or_else(|| self.folder.join(entry.file.as_deref().unwrap_or_default()))
    }

    /// Converts a file.
    fn one<'f>(
        &self,
        target: &Target<'_>,
        file_of: impl Fn(&Url) -> Option<&'f str>,
    ) -> Result<()> {
        let Target {
            entry,
            url,
            language,
            from,
            to,
        } = target;
        let destination = Destination {
            name: to.clone(),
            path: self.folder.join(to),
            aside: self.aside.to_owned(),
        };
        let old = self.folder.join(from);
        let body = match *language {
            Some(language) => {
                let body = self.body(entry)?;
                let page = Page {
                    url,
                    content_type: &entry.content_type,
                    language,
                };
                converted(&page, &body, to, &file_of)
            }
            None => None,
        };
        match body {
            Some(body) => {
                self.originals.keep(&entry.url, entry.bytes, &old)?;
                let mut part = Part::new(&destination)?;
                part.add(&body, u64::MAX)?;
                part.finish()?;
                if from != to {
                    let _ = fs::remove_file(old);
                }
            }
            // Nothing is in it that would have to be replaced, or not any more.
            None => {
                if let Some(original) = self.originals.of(&entry.url, entry.bytes) {
                    fs::rename(original, &old).context("an original")?;
                }
                if from != to {
                    crate::file::stays_inside(&destination.path, to)?;
                    fs::rename(&old, &destination.path)
                        .with_context(|| format!("can't rename {}", old.display()))?;
                }
            }
        }
        Ok(())
    }
}

/// The ending that a file needs; `None` if it needs none.
fn ending(language: Option<Language>, content_type: &str, file: &str) -> Option<&'static str> {
    let kind = content_type.trim_start().to_ascii_lowercase();
    let endings = match language? {
        Language::Html => HTML,
        Language::Css => CSS,
        Language::Xml if kind.starts_with("image/svg") => SVG,
        Language::Xml if kind.contains("xhtml") => XHTML,
        Language::Xml => return None,
    };
    let has = |ending: &&str| {
        let (_, last) = file.rsplit_once('.').unwrap_or_default();
        last.eq_ignore_ascii_case(ending)
    };
    (!endings.iter().any(has)).then_some(endings[0])
}

/// The converted body of a page whose file is called so; `None` if it stays as it is.
fn converted<'f>(
    page: &Page<'_>,
    body: &[u8],
    name: &str,
    file_of: &impl Fn(&Url) -> Option<&'f str>,
) -> Option<Vec<u8>> {
    let undeclared = rewrite::needs_declaration(page, body);
    let edited = rewrite::rewrite(page, body, &mut |target| {
        if !["http", "https"].contains(&target.scheme()) {
            return None;
        }
        let fragment = target.fragment();
        let fragment = fragment.map_or_else(String::new, |fragment| format!("#{fragment}"));
        let file = address::clean_link(target.clone()).ok();
        Some(match file.as_ref().and_then(file_of) {
            Some(file) if file == name && !fragment.is_empty() => plain(&fragment),
            Some(file) => relative(name, file) + &plain(&fragment),
            None => plain(target.as_str()),
        })
    });
    match undeclared {
        None => edited,
        Some(encoding) => {
            let body = edited.as_deref().unwrap_or(body);
            Some(rewrite::declare(page.language, body, encoding))
        }
    }
}
