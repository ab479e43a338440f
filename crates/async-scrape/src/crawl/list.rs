//! A list of pages, as the course downloads it: whatever the server answers goes into one folder.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use reqwest::{Response, StatusCode, Url};

use super::address;
use super::answer::{self, Answer, Failure};
use super::index::Entry;
use super::names::Names;
use super::output::{Ending, Output};
use crate::file::Destination;

/// A folder, and the name of each page's file in it.
#[derive(Debug)]
pub struct List {
    folder: PathBuf,
    names: HashMap<Url, String>,
}

impl List {
    /// Makes the folder if it is not there, and names the files. An earlier page of the list gets
    /// the plain name if two pages want the same one.
    ///
    /// # Errors
    /// If the folder can't be made.
    pub fn create(folder: &Path, urls: &[Url]) -> Result<Self> {
        fs::create_dir_all(folder)
            .with_context(|| format!("can't make the folder {}", folder.display()))?;
        let mut names = Names::flat();
        Ok(Self {
            folder: folder.to_owned(),
            names: urls
                .iter()
                .map(|url| (url.clone(), names.of(url)))
                .collect(),
        })
    }
}

impl Output for List {
    fn destination(&self, url: &Url) -> Result<Destination> {
        let name = self.names.get(url);
        let name = name.context("a page that is not in the list")?;
        Ok(Destination {
            name: name.clone(),
            path: self.folder.join(name),
            aside: self.folder.clone(),
        })
    }

    fn judge(&self, response: Response, url: &Url) -> Result<Answer, Failure> {
        if let Ok(Some(target)) = answer::redirect(&response, url) {
            return Ok(Answer::Redirect(target));
        }
        // As in the course, an error page is a page, too. But a 429 asks for a retry.
        match response.status() {
            StatusCode::TOO_MANY_REQUESTS => answer::successful(response).map(Answer::Page),
            _ => Ok(Answer::Page(response)),
        }
    }

    fn follows_redirects(&self) -> bool {
        true
    }

    fn is_searched(&self) -> bool {
        false
    }

    fn earlier(&self, _: &Url) -> Option<(Entry, PathBuf)> {
        None
    }

    fn note(&self, _: &Entry) -> Result<()> {
        Ok(())
    }

    fn close(self: Box<Self>, _: &Ending<'_>) -> Result<()> {
        Ok(())
    }
}

/// Reads a list of URLs, one a line, and returns each once, in the list's order. Empty lines and
/// lines that begin with `#` are left out.
///
/// # Errors
/// If a line is no URL that can be downloaded, with its number; or if there is no URL.
pub fn urls<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Vec<Url>> {
    let (mut seen, mut urls) = (HashSet::new(), Vec::new());
    for (line, number) in lines.into_iter().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let url = address::parse(line).with_context(|| format!("line {number}: {line}"))?;
        if seen.insert(url.clone()) {
            urls.push(url);
        }
    }
    if urls.is_empty() {
        bail!("there is no URL in the list");
    }
    Ok(urls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(lines: &[&str]) -> Vec<String> {
        let urls = urls(lines.iter().copied()).unwrap();
        let mut names = Names::flat();
        urls.iter().map(|url| names.of(url)).collect()
    }

    #[test]
    fn names_are_those_of_the_course() {
        let urls = [
            "http://httpstat.us/200",
            "http://httpstat.us/200?sleep=2000",
            "http://httpstat.us/404",
            "http://httpstat.us/500?sleep=3000",
            "http://httpstat.us/524",
        ];
        let expected = [
            "200.html",
            "200sleep=2000.html",
            "404.html",
            "500sleep=3000.html",
            "524.html",
        ];
        assert_eq!(names(&urls), expected);
        assert_eq!(
            names(&["http://h/", "http://h/a/b.css#x", "http://h/a/b/"]),
            ["index.html", "b.css", "b.html"]
        );
    }

    #[test]
    fn no_name_leaves_the_folder() {
        for url in [
            "http://h/..",
            "http://h/%2e%2e",
            "http://h/a/%2e%2e%2fb",
            "http://h/a%5cb",
            "http://h/%00",
            "http://h/.hidden",
            "http://h/x?../../etc/passwd",
            "http://h/C:",
            "http://h/~",
            "http://h/a%0ab",
            "http://h/nul",
            "http://h/COM1.css",
            "http://h/con.tar.gz",
            "http://h/a.",
        ] {
            let name = &names(&[url])[0];
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "=._-&,%~".contains(c);
            assert!(
                name.chars().all(is_plain) && !name.starts_with('.') && !name.ends_with('.'),
                "{url}: {name}"
            );
            let stem = name.split('.').next().unwrap().to_lowercase();
            assert!(!["con", "nul", "com1"].contains(&&*stem), "{url}: {name}");
        }
        let long = format!("http://h/{}?{}", "a".repeat(300), "ä".repeat(300));
        assert!(names(&[&long])[0].len() <= 255);
    }

    #[test]
    fn each_page_has_a_file_of_its_own() {
        let urls = [
            "http://h/a",
            "http://g/a",
            "http://h/A",
            "http://h/b/a",
            "http://h/a?",
            "http://h/a.html",
            "http://h/a#x",
            "http://h/a",
        ];
        let names = names(&urls);
        // The one with an empty query and the last two are the first again.
        assert_eq!(names.len(), 5);
        let different: HashSet<_> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(different.len(), 5, "{names:?}");
    }

    #[test]
    fn a_line_that_is_no_page_is_told_with_its_number() {
        for (lines, hint) in [
            (
                &["http://h/", "", "# x", "h/a"][..],
                "line 4: h/a: no scheme: try http://h/a",
            ),
            (&["ftp://h/"], "line 1: ftp://h/: the scheme is ftp"),
            (&["http://"], "line 1: http://: empty host"),
            (&["# nothing"], "there is no URL in the list"),
        ] {
            let error = urls(lines.iter().copied()).unwrap_err();
            assert!(format!("{error:#}").starts_with(hint), "{error:#}");
        }
    }
}
