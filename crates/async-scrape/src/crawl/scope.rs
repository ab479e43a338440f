//! Which of the links on allowed servers are followed.

use std::str::FromStr;

use hmac_sha256::Hash;

use super::address;
use super::pattern::Pattern;

/// Which links are followed. By default all of them.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// If there are any, only paths that match one of these.
    pub include: Vec<Pattern>,
    /// No paths that match one of these.
    pub exclude: Vec<Pattern>,
    /// Only the servers of this shard.
    pub shard: Option<Shard>,
}

impl Scope {
    /// Whether the path and the query of this URL are wanted.
    pub fn includes(&self, url: &(impl AsRef<str> + ?Sized)) -> bool {
        if self.include.is_empty() && self.exclude.is_empty() {
            return true;
        }
        let path = address::path_and_query(url);
        let is_in = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(path));
        (self.include.is_empty() || is_in(&self.include)) && !is_in(&self.exclude)
    }

    /// Whether the server of this URL is in this shard.
    pub fn is_here(&self, url: &(impl AsRef<str> + ?Sized)) -> bool {
        self.shard.is_none_or(|shard| shard.has(url))
    }
}

/// One of several parts of all servers: the part of one job of a job array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// The number of the part, from 0.
    index: u64,
    count: u64,
}

impl Shard {
    /// Whether the server of this URL is in this part.
    ///
    /// A hash of the server's name decides. So each server is in one part, on every machine and in
    /// every run, and one crawl alone keeps the politeness delays of a server.
    pub fn has(self, url: &(impl AsRef<str> + ?Sized)) -> bool {
        let hash = Hash::hash(address::server(url).as_bytes());
        let number = hash[..8]
            .iter()
            .fold(0, |n, &byte| n << 8 | u64::from(byte));
        number % self.count == self.index
    }
}

impl FromStr for Shard {
    type Err = String;

    /// Parses `I/N`, with I from 1 to N.
    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(part, count)| {
            let (part, count): (u64, u64) = (part.parse().ok()?, count.parse().ok()?);
            let index = part.checked_sub(1).filter(|index| *index < count)?;
            Some(Self { index, count })
        });
        numbers.ok_or_else(|| "two numbers, I/N, with I from 1 to N".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::*;

    #[test]
    fn what_is_excluded_is_not_included() {
        let patterns = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let includes = |include: &[&str], exclude: &[&str], path: &str| {
            let (include, exclude) = (patterns(include), patterns(exclude));
            let url = Url::parse(&format!("http://h{path}")).unwrap();
            let scope = Scope {
                include,
                exclude,
                shard: None,
            };
            scope.includes(&url)
        };
        for (include, exclude, path, expected) in [
            (&[][..], &[][..], "/a", true),
            (&["/a", "/b"], &[], "/b/c", true),
            (&["/a", "/b"], &[], "/c/a", false),
            (&["/a"], &["*.zip$"], "/a/b.zip", false),
            (&["/a"], &["*.zip$"], "/a/b.zip?c", true),
            (&[], &["/*?*sort="], "/x?a&sort=1", false),
            (&[], &["/ö"], "/%C3%B6/x", false),
        ] {
            assert_eq!(includes(include, exclude, path), expected, "{path}");
        }
        assert!("a".parse::<Pattern>().is_err());
    }

    #[test]
    fn each_server_is_in_one_shard_and_no_shard_is_much_larger() {
        let shards: Vec<Shard> = (1..=4).map(|i| format!("{i}/4").parse().unwrap()).collect();
        let mut sizes = [0; 4];
        for number in 0..1000 {
            let url = Url::parse(&format!("http://h{number}.example/a")).unwrap();
            let here = shards.iter().map(|shard| shard.has(&url));
            let here: Vec<usize> = (0..)
                .zip(here)
                .filter(|(_, is)| *is)
                .map(|(i, _)| i)
                .collect();
            assert_eq!(here.len(), 1);
            sizes[here[0]] += 1;
            let other_page = Url::parse(&format!("https://h{number}.example/b?c")).unwrap();
            assert!(shards[here[0]].has(&other_page));
        }
        assert!(
            sizes.iter().all(|size| (200..300).contains(size)),
            "{sizes:?}"
        );
        for wrong in ["0/4", "5/4", "1", "1/0", "a/b", "-1/4"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
