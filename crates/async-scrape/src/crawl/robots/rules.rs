//! The rules of a `robots.txt` that are for one program, and which of them decides about a page
//! ([RFC 9309](https://www.rfc-editor.org/rfc/rfc9309), 2.2).
//!
//! Written here: the parser that we used before brought an engine for regular expressions, for
//! which a newcomer had to wait, and was given 5 000 lines at most.

use crate::crawl::pattern::Pattern;

/// The rules for one program.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    /// The least number of seconds between two requests. No standard has it, many sites do.
    pub crawl_delay: Option<f32>,
    /// The sitemaps that the file names, for all programs.
    pub sitemaps: Vec<String>,
}

#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    allows: bool,
}

/// Whom the group of lines is for that is being read.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    /// Nobody yet, or others.
    Others,
    /// All programs that no group names.
    Everybody,
    /// This program.
    Us,
}

impl Rules {
    /// Reads the rules for this user agent. Lines that can't be understood are left out.
    pub fn parse(agent: &str, file: &str) -> Self {
        let name = product(agent);
        let (mut ours, mut everybodys) = (None::<Self>, Self::default());
        let mut group = Group::Others;
        // Names that follow each other begin one group. The first rule ends the list of names.
        let mut names = false;
        let mut sitemaps = Vec::new();
        let file = file.strip_prefix('\u{feff}').unwrap_or(file);
        for line in file.split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = key_and_value(line) else {
                continue;
            };
            if key == "user-agent" {
                let before = if names { group } else { Group::Others };
                group = before.and(value, name);
                names = true;
                if group == Group::Us {
                    ours.get_or_insert_default();
                }
                continue;
            }
            if key == "sitemap" {
                sitemaps.push(value.to_owned());
                continue;
            }
            let rules = match group {
                Group::Others => &mut Self::default(),
                Group::Everybody => &mut everybodys,
                Group::Us => ours.get_or_insert_default(),
            };
            match key {
                "allow" | "disallow" => {
                    names = false;
                    rules.add(key == "allow", value);
                }
                "crawl-delay" => rules.crawl_delay = value.parse().ok().or(rules.crawl_delay),
                _ => {}
            }
        }
        let rules = ours.unwrap_or(everybodys);
        Self { sitemaps, ..rules }
    }

    fn add(&mut self, allows: bool, pattern: &str) {
        // An empty pattern is no rule: `Disallow:` allows everything.
        if !pattern.is_empty() {
            let pattern = Pattern::new(pattern);
            self.rules.push(Rule { pattern, allows });
        }
    }

    /// Whether the page with this path and query may be requested: the longest pattern that
    /// matches decides, and of two equally long ones that which allows.
    pub fn allow(&self, path: &str) -> bool {
        let matching = self.rules.iter().filter(|rule| rule.pattern.matches(path));
        let longest = matching.max_by_key(|rule| (rule.pattern.as_str().len(), rule.allows));
        longest.is_none_or(|rule| rule.allows)
    }
}

/// Reads a line. As the parser of a large search engine, it takes usual misspellings: whoever wrote
/// them wants to be obeyed.
fn key_and_value(line: &str) -> Option<(&'static str, &str)> {
    let is_blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    let line = line.trim_matches(is_blank);
    let (key, value) = match line.split_once(':') {
        Some(parts) => parts,
        None => line.split_once(is_blank)?,
    };
    let key = key.trim_matches(is_blank).to_ascii_lowercase();
    let key = match &*key {
        "user-agent" | "useragent" | "user agent" => "user-agent",
        "allow" => "allow",
        "disallow" | "dissallow" | "dissalow" | "disalow" | "diasllow" | "disallaw" => "disallow",
        "sitemap" | "site-map" => "sitemap",
        "crawl-delay" => "crawl-delay",
        _ => return None,
    };
    Some((key, value.trim_matches(is_blank)))
}

/// The name of a program. RFC 9309 compares names alone, but some sites add a version.
pub fn product(agent: &str) -> &str {
    agent.split(['/', ' ', '\t']).next().unwrap_or_default()
}

impl Group {
    /// The group after another line of names.
    fn and(self, value: &str, name: &str) -> Self {
        let named = product(value);
        // Some add a star to a name.
        let star = named.trim_end_matches('*');
        let named = if star.is_empty() { named } else { star };
        if self == Self::Us || named.eq_ignore_ascii_case(name) {
            Self::Us
        } else if self == Self::Everybody || named == "*" {
            Self::Everybody
        } else {
            Self::Others
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(file: &str, path: &str) -> bool {
        Rules::parse("me", &format!("User-agent: *\n{file}")).allow(path)
    }

    #[test]
    fn a_star_is_any_text_and_a_dollar_the_end() {
        // The examples of RFC 9309, 2.2.3 and 5.1, and their siblings.
        for (pattern, matched, others) in [
            ("/", &["/", "/a?b"][..], &[][..]),
            (
                "/fish",
                &["/fish", "/fish.html", "/fishy/x"],
                &["/Fish", "/a/fish"],
            ),
            ("/fish/", &["/fish/", "/fish/a"], &["/fish", "/fish.html"]),
            (
                "/*.php",
                &["/a.php", "/.php", "/a/b.php?c"],
                &["/a.PHP", "/"],
            ),
            (
                "/*.php$",
                &["/a.php", "/a.php.php"],
                &["/a.php?b", "/a.php5"],
            ),
            ("/a*b*c", &["/abc", "/a1b2c3", "/abbcc"], &["/acb", "/ab"]),
            ("/a*b$", &["/ab", "/abab"], &["/aba", "/"]),
            ("/*a*ab$", &["/aab", "/xaxab"], &["/ab", "/aabx"]),
            ("/a$", &["/a"], &["/ab", "/a/"]),
            ("/a**b", &["/ab", "/axb"], &["/a"]),
            ("*/a", &["/a", "/b/a"], &["/b"]),
            ("*", &["/", "/a"], &[]),
            ("$", &[], &["/", "/a"]),
            ("fish", &[], &["/fish", "/"]),
            ("/$5", &["/$5"], &["/5"]),
        ] {
            for path in matched {
                assert!(
                    !allows(&format!("Disallow: {pattern}"), path),
                    "{pattern} {path}"
                );
            }
            for path in others {
                assert!(
                    allows(&format!("Disallow: {pattern}"), path),
                    "{pattern} {path}"
                );
            }
        }
    }

    #[test]
    fn the_longest_pattern_decides_and_of_two_the_one_that_allows() {
        let file = "Allow: /p\nDisallow: /\n";
        assert!(allows(file, "/page") && !allows(file, "/a"));
        let file = "Disallow: /folder\nAllow: /folder\n";
        assert!(allows(file, "/folder/page"));
        let file = "Allow: /page\nDisallow: /*.htm\n";
        assert!(!allows(file, "/page.htm"));
        assert!(allows("Disallow:\n", "/"));
        assert!(allows("", "/"));
    }

    #[test]
    fn only_the_groups_for_this_program_count() {
        let file = "Disallow: /before\n\
            user-agent: other\nUSER-AGENT: Me/2.0 (x)\nSitemap: http://h/s\nUser-agent : third\n\
            Disallow : /one # not this\n\n\
            User-agent: *\nDisallow: /everybody\nCrawl-delay: 9\n\
            User-agent: me\nCrawl-delay: 2\nDisallow: /two\n\
            User-agent: menot\nDisallow: /three";
        let of = |name| move |path: &str| Rules::parse(name, file).allow(path);
        for name in ["me", "ME", "other", "third"] {
            assert!(!of(name)("/one"), "{name}");
            assert!(of(name)("/everybody") && of(name)("/before"), "{name}");
        }
        assert!(!of("me")("/two") && of("other")("/two") && of("me")("/three"));
        assert!(!of("else")("/everybody") && of("else")("/one"));
        assert_eq!(Rules::parse("me", file).crawl_delay, Some(2.0));
        assert_eq!(Rules::parse("else", file).crawl_delay, Some(9.0));
        for file in [
            "Useragent: *\nDisallow: /no",
            "user agent: *\nDissallow: /no",
            "User-agent *\nDisallow /no",
            "User-agent: me*\nDisallow: /no",
            "\0\u{feff}User-agent: *\0\n\u{feff}Disallow: /no\0\n",
        ] {
            let rules = Rules::parse("me", file);
            assert!(!rules.allow("/no") && rules.allow("/yes"), "{file:?}");
        }
        // A group without rules is one, too: it allows everything.
        let none = Rules::parse("me", "User-agent: *\nDisallow: /\nUser-agent: me\n");
        assert!(none.allow("/"));
    }

    #[test]
    fn every_line_is_read_whatever_stands_before_it() {
        for before in [
            "# a comment\n".repeat(6_000),
            "\n".repeat(5_200),
            "Disallow: /other\n".repeat(10_000),
            "\r\n \u{1}\u{0}nonsense\n:\n::\nAllow\n".to_owned(),
            "\r".to_owned(),
        ] {
            assert!(!allows(&format!("{before}Disallow: /no"), "/no"));
        }
        let marked = Rules::parse("me", "\u{feff}User-agent: *\rDisallow: /no\r");
        assert!(!marked.allow("/no"));
    }
}
