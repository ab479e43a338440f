//! How a URL becomes a file's name. What some file system does not allow is percent-encoded.

use hmac_sha256::Hash;
use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};
use reqwest::Url;

use crate::crawl::address;

/// What some file system does not allow in a name, and `~`, which stands before a hash.
const UNSAFE: &AsciiSet = &CONTROLS
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

/// All but what the course's names have. So two flat names are equal only if the URLs' ends are.
const NOT_IN_COURSE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'=')
    .remove(b'.')
    .remove(b'_')
    .remove(b'-')
    .remove(b'&')
    .remove(b',');

/// The longest name of a file or folder: most file systems allow 255 bytes, and a hash is added.
const LONGEST: usize = 200;

/// The longest path: some systems allow 4096 bytes for all of it, others much less.
const LONGEST_PATH: usize = 1000;

/// Where files are, and what they are called.
#[derive(Debug, Clone, Copy)]
pub enum Layout {
    /// All in one folder: `http://httpstat.us/200?sleep=2000` is `200sleep=2000.html`.
    Flat,
    /// As on the server: `http://h/a/b?c` is `h/a/b%3Fc`.
    Tree,
}

impl Layout {
    /// The name that a page has if no other page has it.
    pub fn plain(self, url: &Url) -> String {
        match self {
            Self::Flat => flat(url),
            Self::Tree => tree(url),
        }
    }

    /// A name that no other page can have, made from the plain one.
    pub fn hashed(self, plain: &str, url: &Url) -> String {
        match self {
            Self::Flat => flat_hashed(plain, url),
            Self::Tree => tree_hashed(plain, url),
        }
    }
}

/// The last part of the path, and the query.
fn flat(url: &Url) -> String {
    let mut parts = url.path_segments().into_iter().flatten();
    let last = parts.rfind(|part| !part.is_empty()).unwrap_or("index");
    // Decoded first: `%41` and `A` are the same page.
    let mut name: String = [last, url.query().unwrap_or_default()]
        .map(|part| {
            let text = percent_decode_str(part).decode_utf8_lossy();
            utf8_percent_encode(&text, NOT_IN_COURSE).to_string()
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
        name = flat_hashed(&name, url);
    }
    name
}

/// The hash stands before the ending. Elsewhere in a flat name `~` is percent-encoded or the first
/// character, so no plain name looks like this one.
fn flat_hashed(name: &str, url: &Url) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "html"));
    let stem = cut(stem, LONGEST - 40);
    format!("{stem}~{}.{ending}", hash(url.as_str()))
}

fn tree(url: &Url) -> String {
    let mut path = folder(url);
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
        true => tree_hashed(&path, url),
        false => path,
    }
}

/// The folder of a server. Its name is readable if the server's is not ASCII.
fn folder(url: &Url) -> String {
    // By another scheme the same path may be another page.
    let scheme = match url.scheme() {
        "http" => String::new(),
        other => format!("{other}:"),
    };
    let readable = scheme.clone() + &address::readable_server(url);
    match readable.is_ascii() || is_device(&readable) || readable.len() > LONGEST {
        true => segment(&(scheme + address::server(url))),
        // Of all characters of a server and a scheme, only this one is not safe.
        false => readable.replace(':', "%3A"),
    }
}

/// The file is directly in the server's folder, and the hash stands before the ending.
fn tree_hashed(plain: &str, url: &Url) -> String {
    let (server, path) = plain.split_once('/').unwrap_or((plain, ""));
    let name = path.rsplit('/').next().unwrap_or_default();
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 10 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let stem = cut(stem, LONGEST - 60);
    format!("{server}/{stem}~{}{ending}", hash(url.as_str()))
}

/// Decodes `%C3%A9` to é. A name that is no UTF-8 stays encoded.
fn decoded(name: &str) -> String {
    percent_decode_str(name)
        .decode_utf8()
        .map_or_else(|_| name.to_owned(), Into::into)
}

/// Makes a part of a URL's path the name of a file or folder.
fn segment(name: &str) -> String {
    let mut name = utf8_percent_encode(name, UNSAFE).to_string();
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

/// Whether Windows takes this name for a device: there, every folder has `nul`, `com1` and others.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    // Spaces before the dot do not count: `nul .txt` is the device, too.
    let stem = stem.trim_end_matches(' ').to_lowercase();
    ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&&*stem)
        || stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit())
}

/// The first `bytes` bytes of a name, which is ASCII.
fn cut(name: &str, bytes: usize) -> &str {
    &name[..name.len().min(bytes)]
}

/// 128 bits of SHA-256: nobody can construct two URLs with the same hash.
pub fn hash(text: &str) -> String {
    let hash = Hash::hash(text.as_bytes());
    hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
