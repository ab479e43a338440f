//! The URLs to ping: a list, perhaps several times over.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use reqwest::Url;

use crate::failure::Failure;

/// The course's five URLs.
pub const COURSE: [&str; 5] = [
    "http://httpstat.us/200",
    "http://httpstat.us/200?sleep=2000",
    "http://httpstat.us/404",
    "http://httpstat.us/500?sleep=3000",
    "http://httpstat.us/524",
];

/// The course's five URLs on another server, such as `http://192.0.2.7:8080`.
pub fn course_at(server: &str) -> [String; 5] {
    let server = server.trim_end_matches('/');
    COURSE.map(|url| url.replacen("http://httpstat.us", server, 1))
}

/// A list of URLs, pinged in its order, several times over. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Targets {
    list: Arc<[Target]>,
    repeat: usize,
}

#[derive(Debug)]
struct Target {
    text: Arc<str>,
    url: Result<Url, Failure>,
}

impl Targets {
    /// A list, `repeat` times over; `usize::MAX` is without an end. A text that is no URL stays in
    /// the list: its ping fails.
    ///
    /// # Errors
    /// If the list is empty.
    pub fn new(list: impl IntoIterator<Item = impl Into<Arc<str>>>, repeat: usize) -> Result<Self> {
        let target = |text: Arc<str>| Target {
            url: parse(&text),
            text,
        };
        let list: Arc<[_]> = list.into_iter().map(|text| target(text.into())).collect();
        if list.is_empty() || repeat == 0 {
            bail!("there is no URL to ping");
        }
        Ok(Self { list, repeat })
    }

    /// The number of pings.
    pub fn count(&self) -> usize {
        self.list.len().saturating_mul(self.repeat)
    }

    fn target(&self, index: usize) -> &Target {
        &self.list[index % self.list.len()]
    }

    /// The text of a ping's URL, as it was given.
    pub fn text(&self, index: usize) -> Arc<str> {
        Arc::clone(&self.target(index).text)
    }

    /// The URL of a ping.
    ///
    /// # Errors
    /// If the text is no URL, or not one that can be pinged.
    pub fn url(&self, index: usize) -> Result<&Url, Failure> {
        self.target(index).url.as_ref().map_err(Clone::clone)
    }

    /// The URL without its scheme and host, as a label; the whole text if it is no URL.
    pub fn short(&self, index: usize) -> String {
        match &self.target(index).url {
            Ok(url) => match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            },
            Err(_) => self.target(index).text.to_string(),
        }
    }

    /// The name of a ping's lane, which no other ping has.
    pub fn lane(&self, index: usize) -> String {
        format!("{} {}", index + 1, self.short(index))
    }
}

fn parse(text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text).map_err(|error| Failure::not_a_url(text, &error))?;
    match url.scheme() {
        "http" => Ok(url),
        "https" if cfg!(feature = "https") => Ok(url),
        "https" => Err(Failure::no_tls()),
        // `localhost:8099/200` is parsed as a URL of the scheme "localhost".
        _ if !text.contains("://") => Err(Failure::no_scheme(text)),
        other => Err(Failure::scheme(other)),
    }
}

/// Reads URLs from a file, one a line; `-` is stdin. Empty lines and lines that begin with `#` are
/// skipped.
///
/// # Errors
/// If the file can't be read, or is not UTF-8.
pub fn read(path: &Path) -> Result<Vec<String>> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        read.map(|_| text).context("can't read stdin")?
    } else {
        fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?
    };
    // Some editors on Windows begin a text with a byte order mark.
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let urls = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(urls.map(str::to_owned).collect())
}
