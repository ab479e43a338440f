//! Patterns of URLs, in the language of `robots.txt`
//! ([RFC 9309](https://www.rfc-editor.org/rfc/rfc9309), 2.2.3).

use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::address;

/// What a URL's path never holds as it is. All beyond ASCII is encoded as well.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// The beginning of a text, in which `*` is any text, and `$` at the end is the text's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern of paths, in the spelling that URLs have.
    pub fn new(pattern: &str) -> Self {
        let encoded = utf8_percent_encode(pattern, ENCODED).to_string();
        Self(address::normalise(&encoded))
    }

    /// The pattern as it is compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the text begins with the pattern.
    pub fn matches(&self, text: &str) -> bool {
        let (pattern, to_the_end) = match self.0.strip_suffix('$') {
            Some(pattern) => (pattern, true),
            None => (&*self.0, false),
        };
        let mut pieces = pattern.split('*');
        let first = pieces.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else {
            return false;
        };
        let Some(last) = pieces.next_back() else {
            return rest.is_empty() || !to_the_end;
        };
        // The first place of each piece leaves most for those that follow.
        for piece in pieces {
            let Some(at) = rest.find(piece) else {
                return false;
            };
            rest = &rest[at + piece.len()..];
        }
        if to_the_end {
            rest.ends_with(last)
        } else {
            rest.contains(last)
        }
    }
}

impl FromStr for Pattern {
    type Err = String;

    /// Parses a pattern that a user typed. One that begins otherwise would never match.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.starts_with(['/', '*']) {
            true => Ok(Self::new(text)),
            false => Err("a pattern begins with / or *".to_owned()),
        }
    }
}
