//! Which file each page has. Whatever the URL, a file is inside the folder, and belongs to one
//! page.
//!
//! Two names that one file system takes for the same (letter case, unless that is kept), and a file
//! where a folder must be (`/a` and `/a/b`), are told apart by a hash. How a single name is made is
//! in `names/layout.rs`.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use anyhow::{Context, Result};
use reqwest::Url;

mod layout;

use layout::Layout;
pub use layout::hash as unique;

use crate::file::stays_inside;

/// Whether names that differ only by letter case may belong to two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// They may not: many file systems, of Windows and macOS, take them for the same.
    Ignored,
    /// They may, as on most file systems of Linux.
    Kept,
}

impl Case {
    /// The key by which names are compared.
    pub(super) fn key(self, name: &str) -> String {
        match self {
            Self::Ignored => name.to_lowercase(),
            Self::Kept => name.to_owned(),
        }
    }
}

/// The names that are taken, and by which page.
#[derive(Debug)]
pub struct Names {
    layout: Layout,
    case: Case,
    /// The [key](Case::key) of each file, and a hash of its page's URL, which is enough to
    /// recognise it.
    files: HashMap<Box<str>, u64>,
    folders: HashSet<Box<str>>,
    hasher: RandomState,
    refused: Refused,
    /// Whether pages have names of an earlier crawl, which need not be their plain ones.
    has_kept: bool,
}

/// The keys of plain names that were taken when their pages came.
#[derive(Debug, Default)]
struct Refused {
    names: HashSet<Box<str>>,
    /// The folders that they would be in.
    folders: HashSet<Box<str>>,
}

impl Names {
    /// Names for a list: all files in one folder, named as in the course.
    pub fn flat() -> Self {
        Self::new(Layout::Flat, Case::Ignored)
    }

    /// Names for a site: `host/path/name`, as on the server.
    pub fn tree(case: Case) -> Self {
        Self::new(Layout::Tree, case)
    }

    fn new(layout: Layout, case: Case) -> Self {
        Self {
            layout,
            case,
            files: HashMap::new(),
            folders: HashSet::new(),
            hasher: RandomState::new(),
            refused: Refused::default(),
            has_kept: false,
        }
    }

    /// Returns the file of this page. Every call for a page returns the same one.
    pub fn of(&mut self, url: &Url) -> String {
        let plain = self.layout.plain(url);
        if self.take(&plain, url.as_str()) {
            return plain;
        }
        let key = self.case.key(&plain);
        let folders = ancestors(&key).map(Box::from);
        self.refused.folders.extend(folders);
        self.refused.names.insert(key.into());
        let hashed = self.layout.hashed(&plain, url);
        self.take(&hashed, url.as_str());
        hashed
    }

    /// Notes that a page has this file already.
    pub fn keep(&mut self, url: &str, file: &str) {
        self.note(&self.case.key(file), self.hasher.hash_one(url));
        self.has_kept = true;
        if file.contains('~') {
            self.refused.names.insert(self.case.key(file).into());
        }
    }

    /// Whether a page got a name with a hash because its plain one was taken.
    pub fn has_clashed(&self) -> bool {
        !self.refused.names.is_empty()
    }

    /// Whether [`settle`](Self::settle) may give this file another name. The others keep theirs,
    /// and need not be given to it: no page was refused a name because of them.
    pub fn is_contested(&self, file: &str) -> bool {
        let Refused { names, folders } = &self.refused;
        let key = self.case.key(file);
        let is_refused = |name: &str| names.contains(name);
        let has_hash = self.has_kept || file.contains('~');
        has_hash || is_refused(&key) || folders.contains(&*key) || ancestors(&key).any(is_refused)
    }

    fn take(&mut self, file: &str, url: &str) -> bool {
        let (key, owner) = (self.case.key(file), self.hasher.hash_one(url));
        let is_taken = self.files.get(&*key).is_some_and(|other| *other != owner);
        let is_below_file = ancestors(&key).any(|folder| self.files.contains_key(folder));
        if is_taken || is_below_file || self.folders.contains(&*key) {
            return false;
        }
        self.note(&key, owner);
        true
    }

    fn note(&mut self, key: &str, owner: u64) {
        for folder in ancestors(key) {
            if !self.folders.contains(folder) {
                self.folders.insert(folder.into());
            }
        }
        self.files.insert(key.into(), owner);
    }

    /// Renames the files of a finished crawl of a site, so that the same pages are the same tree
    /// every time.
    ///
    /// During the crawl the page that was first got the plain name, and that is chance. Now it goes
    /// to the page whose URL is first in the alphabet. `aside` is a folder for files that wait to
    /// be renamed, `files` has each page's URL and file. Returns the new name of each renamed file.
    ///
    /// # Errors
    /// If a file can't be renamed.
    pub fn settle(
        &self,
        root: &Path,
        aside: &Path,
        files: &[(String, String)],
    ) -> Result<HashMap<String, String>> {
        let mut files: Vec<_> = files.iter().collect();
        files.sort_unstable();
        let (mut settled, mut moves) = (Self::tree(self.case), Vec::new());
        for (url, from) in files {
            let to = settled.of(&Url::parse(url).context("a URL of this crawl")?);
            if *from != to {
                moves.push((from.clone(), to));
            }
        }
        // All of them are put aside first: the new name of one is the old name of another.
        for (number, (from, _)) in moves.iter().enumerate() {
            fs::rename(root.join(from), aside.join(number.to_string()))
                .with_context(|| format!("can't rename {from}"))?;
            for folder in ancestors(from).collect::<Vec<_>>().into_iter().rev() {
                // Fails if something else is in it: then it is still needed.
                let _ = fs::remove_dir(root.join(folder));
            }
        }
        for (number, (_, to)) in moves.iter().enumerate() {
            let target = root.join(to);
            stays_inside(&target, to)?;
            fs::create_dir_all(target.parent().unwrap_or(root))
                .and_then(|()| fs::rename(aside.join(number.to_string()), &target))
                .with_context(|| format!("can't rename to {to}"))?;
        }
        Ok(moves.into_iter().collect())
    }
}

/// The folders that a file is in: those of `a/b/c` are `a` and `a/b`.
fn ancestors(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').map(|(at, _)| &file[..at])
}
