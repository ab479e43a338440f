//! Where a page's file is: `host/path/name`, as on the server.
//!
//! Whatever the URL, a file is in the folder, and of one page. What can't stand in a name on some system is percent-encoded. Two names that
//! one system takes for the same (letter case), and a file where a folder must be (`/a` and `/a/b`), are told apart by a hash.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::{fs, io};

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
    /// In lower case.
    files: HashMap<String, String>,
    folders: HashSet<String>,
    clashed: bool,
}

impl Places {
    /// The file for this page: the same whenever it is asked for, and no other page's.
    pub fn of(&mut self, url: &Url) -> String {
        let plain = plain(url);
        if self.take(&plain, url) {
            return plain;
        }
        self.clashed = true;
        let hashed = hashed(&plain, url);
        self.take(&hashed, url);
        hashed
    }

    /// A page has this file already.
    pub fn keep(&mut self, url: &str, file: &str) {
        self.note(file, url);
        self.clashed |= file.contains('~');
    }

    fn take(&mut self, file: &str, url: &Url) -> bool {
        let lower = file.to_lowercase();
        let is_taken = self
            .files
            .get(&lower)
            .is_some_and(|owner| owner != url.as_str());
        let is_below_file = ancestors(&lower).any(|folder| self.files.contains_key(folder));
        if is_taken || is_below_file || self.folders.contains(&lower) {
            return false;
        }
        self.note(file, url.as_str());
        true
    }

    fn note(&mut self, file: &str, url: &str) {
        let lower = file.to_lowercase();
        for folder in ancestors(&lower) {
            if !self.folders.contains(folder) {
                self.folders.insert(folder.to_owned());
            }
        }
        self.files.insert(lower, url.to_owned());
    }

    /// Who came first got the plain name, and that is chance. At the end of a crawl it goes to the one whose URL is first in the
    /// alphabet, so that the same pages are the same tree every time. Returns the new name of every file that was renamed.
    ///
    /// # Errors
    /// If a file can't be renamed.
    pub fn settle(&mut self, root: &Path) -> Result<HashMap<String, String>> {
        let mut renamed = HashMap::new();
        if !self.clashed {
            return Ok(renamed);
        }
        let mut urls: Vec<(String, Url)> = Vec::new();
        for (file, url) in &self.files {
            urls.push((
                file.clone(),
                Url::parse(url).context("a URL of this crawl")?,
            ));
        }
        urls.sort_by(|(_, a), (_, b)| a.as_str().cmp(b.as_str()));
        let mut settled = Self::default();
        let mut moves = Vec::new();
        for (lower, url) in &urls {
            let (plain, to) = (plain(url), settled.of(url));
            // It has one of two names.
            let from = match plain.to_lowercase() == *lower {
                true => plain,
                false => hashed(&plain, url),
            };
            if from != to {
                moves.push((from, to));
            }
        }
        // First those that give their plain name up.
        moves.sort_by_key(|(_, to)| !to.contains('~'));
        for (from, to) in moves {
            let (source, target) = (root.join(&from), root.join(&to));
            // A folder that is empty now may be where a file is to go.
            let _ = fs::remove_dir(&target);
            let moved = fs::create_dir_all(target.parent().unwrap_or(root))
                .and_then(|()| fs::rename(&source, &target));
            match moved {
                // It was lost, and has no file.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                result => result.with_context(|| format!("can't rename {from} to {to}"))?,
            }
            for folder in ancestors(&from).collect::<Vec<_>>().into_iter().rev() {
                let _ = fs::remove_dir(root.join(folder));
            }
            renamed.insert(from, to);
        }
        *self = settled;
        Ok(renamed)
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
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let is_device = ["con", "prn", "aux", "nul"].contains(&&*stem)
        || stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit());
    if is_device {
        let first = name.as_bytes()[0];
        name = format!("%{first:02X}{}", &name[1..]);
    }
    if name.len() > LONGEST {
        name = format!("{}~{}", cut(&name, LONGEST - 40), hash(&name));
    }
    name
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

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        address::clean(Url::parse(text).unwrap()).unwrap()
    }

    fn one(text: &str) -> String {
        Places::default().of(&url(text))
    }

    #[test]
    fn files_are_where_they_are_on_the_server() {
        for (url, file) in [
            ("http://h/", "h/index.html"),
            ("http://h:8080/a/b.html", "h%3A8080/a/b.html"),
            ("http://h/a/", "h/a/index.html"),
            ("http://h/a?b=c/d&e", "h/a%3Fb=c%2Fd&e"),
            ("http://h/a/?b", "h/a/index.html%3Fb"),
            ("http://h/%C3%A9 ü", "h/%C3%A9 %C3%BC"),
            ("http://h/%FF", "h/%25FF"),
            ("http://[::1]/a", "[%3A%3A1]/a"),
        ] {
            assert_eq!(one(url), file, "{url}");
        }
    }

    #[test]
    fn no_file_leaves_the_folder() {
        for path in [
            "..",
            "%2e%2e",
            "%2e%2e/x",
            "..%2f..%2fx",
            "..%5cx",
            "a%00b",
            "a%0ab",
            ".hidden",
            "%2ehidden",
            "a//b",
            "//",
            "C:/x",
            "c%3a%5cx",
            "nul",
            "NUL.txt",
            "com1",
            "a/aux.c/b",
            "x.",
            "x%20",
            "~",
            "a%7eb",
            "-rf",
            "a*b?c|d",
            "%80",
            ".crawl/journal",
            "%2ecrawl/parts",
        ] {
            let file = one(&format!("http://h/{path}"));
            for name in file.split('/') {
                let stem = name.split('.').next().unwrap().to_lowercase();
                assert!(
                    !name.is_empty()
                        && !name.starts_with('.')
                        && !name.ends_with(['.', ' '])
                        && !name.contains(['\\', ':', '*', '?', '|', '~', '\0', '\n'])
                        && !["nul", "com1", "aux"].contains(&&*stem),
                    "{path}: {file}"
                );
            }
            assert!(file.starts_with("h/"), "{path}: {file}");
        }
        let long = one(&format!("http://h/{0}/{0}/{0}?{0}", "a".repeat(400)));
        assert!(
            long.split('/').all(|name| name.len() <= 255) && long.len() < 1100,
            "{long}"
        );
        let deep = one(&format!("http://h{}", "/a".repeat(900)));
        assert!(deep.len() < 300, "{deep}");
    }

    #[test]
    fn each_page_has_a_file_of_its_own() {
        let urls = [
            "http://h/a",
            "http://h/A",
            "http://h/a/b",
            "http://h/a/",
            "http://h/a/index.html",
            "http://h/a/b/c",
            "https://h/a",
            "http://h:81/a",
            "http://h/a?b",
            "http://h/a%3Fb",
            "http://h/%FF",
            "http://h/%25FF",
            "http://h/d/e",
            "http://h/d",
            "http://h/D/e",
        ];
        for turn in 0..urls.len() {
            let mut places = Places::default();
            let mut files = HashMap::new();
            let turned = urls.iter().cycle().skip(turn).take(urls.len());
            for text in turned {
                let file = places.of(&url(text));
                assert_eq!(file, places.of(&url(text)), "the same each time");
                let lower = file.to_lowercase();
                for (other, _) in files.iter() {
                    let (a, b): (&String, &String) = (other, &lower);
                    assert!(
                        a != b
                            && !a.starts_with(&format!("{b}/"))
                            && !b.starts_with(&format!("{a}/")),
                        "{a} {b}"
                    );
                }
                files.insert(lower, text);
            }
        }
    }

    #[test]
    fn who_comes_first_makes_no_difference_in_the_end() {
        let urls = [
            "http://h/a",
            "http://h/A",
            "http://h/a/b",
            "http://h/d/e",
            "http://h/d",
            "http://h/plain",
        ];
        let mut trees = Vec::new();
        for turn in 0..urls.len() {
            let folder = tempfile::tempdir().unwrap();
            let mut places = Places::default();
            for text in urls.iter().cycle().skip(turn).take(urls.len()) {
                let file = folder.path().join(places.of(&url(text)));
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            }
            places.settle(folder.path()).unwrap();
            assert!(
                places.settle(folder.path()).unwrap().is_empty(),
                "it is settled"
            );
            let mut tree: Vec<_> = walkdir::WalkDir::new(folder.path())
                .into_iter()
                .map(Result::unwrap)
                .map(|entry| {
                    let path = entry.path().strip_prefix(folder.path()).unwrap().to_owned();
                    (path, fs::read_to_string(entry.path()).unwrap_or_default())
                })
                .collect();
            tree.sort();
            assert_eq!(
                tree.iter().filter(|(_, text)| !text.is_empty()).count(),
                urls.len()
            );
            trees.push(tree);
        }
        assert!(trees.windows(2).all(|two| two[0] == two[1]), "{trees:#?}");
    }
}
