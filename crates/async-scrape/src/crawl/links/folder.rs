//! Links that are resolved without the general parser of URLs.
//!
//! Most links of most pages are a plain relative path: `../howto/index.html`. To resolve one, the
//! folder of the page and the path are joined, and dot segments are removed
//! ([RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4), 5.2.4). All other links are
//! left to the parser, so its many rules are not repeated here.

use reqwest::Url;

use crate::crawl::address;

/// The folder that the links of a page are relative to.
pub struct Folder {
    /// Its URL in the spelling of [`address::clean`], which ends with `/`.
    url: String,
    /// The length of the URL of its server, with the `/` after it.
    root: usize,
}

impl Folder {
    /// The folder of this page; `None` if its links have to be left to the parser.
    pub fn of(page: &Url) -> Option<Self> {
        let url = page
            .join(".")
            .ok()
            .and_then(|url| address::clean(url).ok())?;
        let root = url.as_str().len() - url.path().len() + 1;
        // With a percent sign, the cleaned path may depend on what follows. Empty segments are
        // rare.
        let is_plain = !url.path().contains('%') && !url.path().contains("//");
        is_plain.then(|| Self {
            url: url.into(),
            root,
        })
    }

    /// Resolves a plain relative path to what the parser and [`address::clean_link`] make of it.
    /// `None` if the link is anything else.
    pub fn resolve(&self, link: &str) -> Option<String> {
        let most = self.url.len() + link.len();
        if !is_plain(link) || most > address::LONGEST {
            return None;
        }
        let mut url = String::with_capacity(most);
        let path = match link.strip_prefix('/') {
            Some(path) => {
                url.push_str(&self.url[..self.root]);
                path
            }
            None => {
                url.push_str(&self.url);
                link
            }
        };
        // Before each segment, `url` ends with the `/` of a folder.
        let mut rest = Some(path);
        while let Some(path) = rest {
            let (segment, after) = match path.split_once('/') {
                Some((segment, after)) => (segment, Some(after)),
                None => (path, None),
            };
            match segment {
                "." => {}
                ".." => {
                    let folder = &url[self.root..].trim_end_matches('/');
                    let above = folder.rfind('/').map_or(0, |slash| slash + 1);
                    url.truncate(self.root + above);
                }
                _ => {
                    url.push_str(segment);
                    url.extend(after.map(|_| '/'));
                }
            }
            rest = after;
        }
        Some(url)
    }
}

/// Whether this is a path in which nothing has to be encoded or decoded, without empty segments.
fn is_plain(link: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut before = 0;
    link.bytes().all(|byte| {
        let is_empty_segment = byte == b'/' && before == b'/';
        before = byte;
        is_unreserved(byte) || byte == b'/' && !is_empty_segment
    })
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;

    use super::*;
    use crate::crawl::links::join;

    /// What the parser makes of a link.
    fn parsed(page: &Url, link: &str) -> Option<String> {
        let url = join(page, link, UTF_8)?;
        address::clean_link(url).ok().map(Into::into)
    }

    /// Pages and links of random pieces. The seed is fixed.
    #[test]
    fn links_are_resolved_as_the_parser_does() {
        const PAGES: [&str; 14] = [
            "http://h/",
            "http://h",
            "http://h/a",
            "http://h/a/b/c.html",
            "http://h/a/b/?c=/d/#e/f",
            "http://h:8080/a//b",
            "http://h.:80//a/./b/",
            "http://h//",
            "https://127.1/a/..b/c",
            "http://[::1]:81/a/b",
            "http://me@h/a/b",
            "http://h/%7ea/%62/c%2fd",
            "http://h/%%36%31/b/%%32e%%32e/",
            "http://bücher.example/ü/b",
        ];
        const PIECES: [&str; 27] = [
            "a", "b.html", "~c", "-_", "Z9", "/", "/", "//", ".", "..", "../", "../", "./", "...",
            ".a", "%2e", "%", ":", "http:", "?", "#", "\\", " ", "ü", "\t", "@", "+",
        ];
        let mut random = fastrand::Rng::with_seed(7);
        let (mut plain, mut other) = (0, 0);
        for turn in 0..200_000 {
            // Half of the links have only pieces that make a path.
            let most = if turn % 2 == 0 { 15 } else { PIECES.len() };
            let length = random.usize(1..9);
            let link: String = (0..length).map(|_| PIECES[random.usize(..most)]).collect();
            let page = Url::parse(PAGES[random.usize(..PAGES.len())]).unwrap();
            match Folder::of(&page).and_then(|folder| folder.resolve(&link)) {
                Some(url) => {
                    assert_eq!(Some(url), parsed(&page, &link), "{link:?} on {page}");
                    plain += 1;
                }
                None => other += 1,
            }
        }
        assert!(plain > 40_000 && other > 40_000, "{plain} {other}");
    }

    #[test]
    fn links_that_are_too_long_are_left_to_the_parser() {
        let page = Url::parse("http://h/a/b").unwrap();
        let folder = Folder::of(&page).unwrap();
        for length in [1000, address::LONGEST - 11, address::LONGEST] {
            let link = "x".repeat(length);
            if let Some(url) = folder.resolve(&link) {
                assert_eq!(Some(url), parsed(&page, &link), "{length}");
            }
        }
        assert_eq!(folder.resolve(&"x".repeat(address::LONGEST)), None);
    }
}
