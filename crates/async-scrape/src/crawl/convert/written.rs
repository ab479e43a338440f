//! How links are written in converted files.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays as it is in the names of a link.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Encodes what may not stand in a style sheet or in a set of pictures. In a URL it means the same.
pub fn plain(url: &str) -> String {
    let mut plain = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '"' | '\'' | '(' | ')' | ' ' | ',' | '\\' => plain += &format!("%{:02X}", c as u8),
            c => plain.push(c),
        }
    }
    plain
}

/// The link from one file to another. Both are paths below one folder.
pub fn relative(from: &str, to: &str) -> String {
    let (from, mut to): (Vec<_>, Vec<_>) = (from.split('/').collect(), to.split('/').collect());
    let name = to.pop().unwrap_or_default();
    let folders = &from[..from.len() - 1];
    let same = folders.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(folders.len() - same);
    let down = to[same..].iter().chain([&name]);
    let down: Vec<_> = down
        .map(|part| utf8_percent_encode(part, PLAIN).to_string())
        .collect();
    up + &down.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_from_file_to_file_are_relative() {
        for (from, to, expected) in [
            ("h/index.html", "h/a.html", "a.html"),
            ("h/a/b/c.html", "h/a/d/e.html", "../d/e.html"),
            (
                "h/a.html",
                "g/b/ü %3F#.html",
                "../g/b/%C3%BC%20%253F%23.html",
            ),
            ("h/a.html", "h/a.html", "a.html"),
        ] {
            assert_eq!(relative(from, to), expected);
        }
    }
}
