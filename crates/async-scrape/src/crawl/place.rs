//! Where a page's file is: `host/path/name`, as on the server.
//!
//! Whatever the URL, a file is in the folder, and of one page. What can't stand in a name on some system is percent-encoded. Two names that
//! one system takes for the same (letter case), and a file where a folder must be (`/a` and `/a/b`), are told apart by a hash.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use anyhow::{Context, Result};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use reqwest::Url;
use sha2::{Digest, Sha256};

use super::address;

/// What can't stand in a name, on one system or another, and `~`, which stands before a hash.
const ODD: &AsciiSet = &CONTROLS
    .add(b'%')
    .add(b'/')
    .add(b'\\')
    .add(b':')
    .add(b'*')
    .add(b'?')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'|')
    .add(b'~');

/// The longest name of a file or folder: most systems allow 255 bytes.
const LONGEST: usize = 200;

/// The longest path: some systems allow 4096 bytes for all of it, others much less.
const LONGEST_PATH: usize = 1000;

/// Which files are whose.
#[derive(Debug, Default)]
pub struct Places {
    /// In lower case, and a hash of the URL, which is enough to know it again.
    files: HashMap<Box<str>, u64>,
    folders: HashSet<Box<str>>,
    hasher: RandomState,
    clashed: bool,
}

impl Places {
    /// The file for this page: the same whenever it is asked for, and no other page's.
    pub fn of(&mut self, url: &Url) -> String {
        let plain = plain(url);
        if self.take(&plain, url.as_str()) {
            return plain;
        }
        self.clashed = true;
        let hashed = hashed(&plain, url);
        self.take(&hashed, url.as_str());
        hashed
    }

    /// A page has this file already.
    pub fn keep(&mut self, url: &str, file: &str) {
        self.note(&file.to_lowercase(), self.hasher.hash_one(url));
        self.clashed |= file.contains('~');
    }

    /// Whether a page got another file than its plain one.
    pub fn has_clashed(&self) -> bool {
        self.clashed
    }

    fn take(&mut self, file: &str, url: &str) -> bool {
        let (lower, owner) = (file.to_lowercase(), self.hasher.hash_one(url));
        let is_taken = self.files.get(&*lower).is_some_and(|other| *other != owner);
        let is_below_file = ancestors(&lower).any(|folder| self.files.contains_key(folder));
        if is_taken || is_below_file || self.folders.contains(&*lower) {
            return false;
        }
        self.note(&lower, owner);
        true
    }

    fn note(&mut self, lower: &str, owner: u64) {
        for folder in ancestors(lower) {
            if !self.folders.contains(folder) {
                self.folders.insert(folder.into());
            }
        }
        self.files.insert(lower.into(), owner);
    }

    /// Who came first got the plain name, and that is chance. At the end of a crawl it goes to the one whose URL is first in the
    /// alphabet, so that the same pages are the same tree every time. Takes a folder for what is on its way, and each page's URL and file; returns
    /// the new name of every file that was renamed.
    ///
    /// # Errors
    /// If a file can't be renamed.
    pub fn settle(
        root: &Path,
        aside: &Path,
        files: &[(String, String)],
    ) -> Result<HashMap<String, String>> {
        let mut files: Vec<_> = files.iter().collect();
        files.sort_unstable();
        let (mut settled, mut moves) = (Self::default(), Vec::new());
        for (url, from) in files {
            let to = settled.of(&Url::parse(url).context("a URL of this crawl")?);
            if *from != to {
                moves.push((from.clone(), to));
            }
        }
        // All of them aside first: the one's new name is the other's old one.
        for (number, (from, _)) in moves.iter().enumerate() {
            fs::rename(root.join(from), aside.join(number.to_string()))
                .with_context(|| format!("can't rename {from}"))?;
            for folder in ancestors(from).collect::<Vec<_>>().into_iter().rev() {
                // Unless something else is in it.
                let _ = fs::remove_dir(root.join(folder));
            }
        }
        for (number, (_, to)) in moves.iter().enumerate() {
            let target = root.join(to);
            fs::create_dir_all(target.parent().unwrap_or(root))
                .and_then(|()| fs::rename(aside.join(number.to_string()), &target))
                .with_context(|| format!("can't rename to {to}"))?;
        }
        Ok(moves.into_iter().collect())
    }
}

/// `a/b/c` has `a` and `a/b`.
fn ancestors(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').map(|(at, _)| &file[..at])
}

fn plain(url: &Url) -> String {
    let mut path = segment(&address::server(url));
    if url.scheme() != "http" {
        // The same page by another scheme is another page.
        path = segment(&format!("{}:{}", url.scheme(), address::server(url)));
    }
    let mut segments = url.path_segments().into_iter().flatten().peekable();
    while let Some(name) = segments.next() {
        let query = url.query().filter(|_| segments.peek().is_none());
        let name = if name.is_empty() && segments.peek().is_none() {
            "index.html"
        } else {
            name
        };
        path.push('/');
        match query {
            Some(query) => path += &segment(&format!("{}?{query}", decoded(name))),
            None => path += &segment(&decoded(name)),
        }
    }
    match path.len() > LONGEST_PATH {
        true => hashed(&path, url),
        false => path,
    }
}

/// As text if it is text: `%C3%A9` is é. A path that is no text stays encoded.
fn decoded(name: &str) -> String {
    percent_decode_str(name)
        .decode_utf8()
        .map_or_else(|_| name.to_owned(), Into::into)
}

/// One name.
fn segment(name: &str) -> String {
    let mut name = utf8_percent_encode(name, ODD).to_string();
    if name.is_empty() || name.starts_with('.') {
        // The folder itself, the one above, and hidden ones.
        name = match name.strip_prefix('.') {
            Some(rest) => format!("%2E{rest}"),
            None => "%".to_owned(),
        };
    }
    if let Some(last @ ('.' | ' ')) = name.chars().last() {
        name.pop();
        name += if last == '.' { "%2E" } else { "%20" };
    }
    if is_device(&name) {
        let first = name.as_bytes()[0];
        name = format!("%{first:02X}{}", &name[1..]);
    }
    if name.len() > LONGEST {
        name = format!("{}~{}", cut(&name, LONGEST - 40), hash(&name));
    }
    name
}

/// Whether Windows, where every folder has devices, takes this for one of them.
pub fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    ["con", "prn", "aux", "nul"].contains(&&*stem)
        || stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit())
}

/// In the server's folder, with something in its name that only this URL has.
fn hashed(plain: &str, url: &Url) -> String {
    let (server, path) = plain.split_once('/').unwrap_or((plain, ""));
    let name = path.rsplit('/').next().unwrap_or_default();
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 10 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let stem = cut(stem, LONGEST - 60);
    format!("{server}/{stem}~{}{ending}", hash(url.as_str()))
}

/// So many bytes at most; names are ASCII.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.len().min(bytes)]
}

/// 128 bits of SHA-256: nobody can find two URLs with the same.
pub fn hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
