//! Which file a page goes to. Names are like the course's: `http://httpstat.us/200?sleep=2000` is `200sleep=2000.html`. And
//! whatever the URL, a name is of one file in the folder, and of one page.

use std::collections::HashSet;

use anyhow::{Context, Result, bail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Url;

use crate::crawl::address;
use crate::crawl::place::{hash, is_device};

/// A page to download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it is.
    pub url: Url,
    /// What its file is called.
    pub name: String,
}

/// What may stand in a name as it is. All else is percent-encoded, so that two names are equal only if the URLs' ends were.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'=')
    .remove(b'.')
    .remove(b'_')
    .remove(b'-')
    .remove(b'&')
    .remove(b',');

/// The longest name: most file systems allow 255 bytes, and something may have to be added.
const LONGEST: usize = 200;

/// The pages of a list, each once, in its order.
///
/// # Errors
/// If a line is no URL that can be asked for, with its number; or if there is none.
pub fn pages<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Vec<Page>> {
    let (mut seen, mut taken, mut pages) = (HashSet::new(), HashSet::new(), Vec::new());
    for (line, number) in lines.into_iter().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let url = parse(line).with_context(|| format!("line {number}: {line}"))?;
        if !seen.insert(url.clone()) {
            continue;
        }
        let mut name = plain(&url);
        // Some file systems take `A` and `a` for the same.
        if !taken.insert(name.to_lowercase()) {
            name = with_hash(&name, &url);
            taken.insert(name.to_lowercase());
        }
        pages.push(Page { url, name });
    }
    if pages.is_empty() {
        bail!("there is no URL in the list");
    }
    Ok(pages)
}

/// A URL that somebody typed, cleaned.
///
/// # Errors
/// If it can't be asked for.
pub fn parse(text: &str) -> Result<Url> {
    if !text.contains("://") {
        bail!("no scheme: try http://{text}");
    }
    address::clean(Url::parse(text)?)
}

/// The last part of the path, and the query.
fn plain(url: &Url) -> String {
    let mut parts = url.path_segments().into_iter().flatten();
    let last = parts.rfind(|part| !part.is_empty()).unwrap_or("index");
    // Decoded first: `%41` and `A` are the same page.
    let mut name: String = [last, url.query().unwrap_or_default()]
        .map(|part| {
            utf8_percent_encode(&percent_decode_str(part).decode_utf8_lossy(), PLAIN).to_string()
        })
        .concat();
    // Hidden files, the folder itself and the one above begin with a dot.
    if let Some(rest) = name.strip_prefix('.') {
        name = format!("%2E{rest}");
    }
    let has_ending = url.query().is_none()
        && last
            .rsplit_once('.')
            .is_some_and(|(stem, end)| !stem.is_empty() && (1..=5).contains(&end.len()));
    let is_device = is_device(&name);
    if !has_ending {
        name += ".html";
    }
    if is_device {
        name = format!("~{name}");
    }
    if name.len() > LONGEST {
        name = with_hash(&name, url);
    }
    name
}

/// Shortened, with something before its ending that only this URL has.
fn with_hash(name: &str, url: &Url) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "html"));
    let stem: String = stem.chars().take(LONGEST - 40).collect();
    // `~` is percent-encoded elsewhere, so no other name looks like this one.
    format!("{stem}~{}.{ending}", hash(url.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(lines: &[&str]) -> Vec<String> {
        let pages = pages(lines.iter().copied()).unwrap();
        pages.into_iter().map(|page| page.name).collect()
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
            let error = pages(lines.iter().copied()).unwrap_err();
            assert!(format!("{error:#}").starts_with(hint), "{error:#}");
        }
    }
}
