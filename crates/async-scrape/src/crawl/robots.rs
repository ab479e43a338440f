//! `robots.txt`: what a server asks of programs that follow links ([RFC 9309](https://www.rfc-editor.org/rfc/rfc9309)).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use reqwest::{Client, StatusCode, Url};
use texting_robots::Robot;
use tokio::sync::OnceCell;

use super::address::{self, Servers};
use super::answer;

/// The most bytes of one that are read (RFC 9309, 2.5).
pub const LONGEST: usize = 500 << 10;

/// The most lines of one that are read.
const MOST_LINES: usize = 5000;

/// The longest time between two requests that is kept to: who asks for more wants no program to come.
const PATIENCE: Duration = Duration::from_secs(120);

/// The rules of each server, asked for once.
#[derive(Default)]
pub struct Robots {
    servers: Mutex<HashMap<String, Arc<OnceCell<Answer>>>>,
}

/// What a server answered.
pub enum Answer {
    /// There is none: all is allowed.
    None,
    /// Rules, and the least time between two requests that they ask for.
    Rules(Box<Robot>),
    /// It could not be had, so nothing is allowed, and why.
    Lost(String),
}

impl Answer {
    /// What a file means to this program.
    pub fn of(agent: &str, file: &[u8]) -> Self {
        // Rules are for the name of a program, without its version.
        let name = agent.split(['/', ' ']).next().unwrap_or_default();
        let file = String::from_utf8_lossy(file);
        // In the spelling that URLs have here; and each rule costs time with each page.
        let lines: Vec<_> = file.lines().take(MOST_LINES).map(address::plain).collect();
        match Robot::new(name, lines.join("\n").as_bytes()) {
            Ok(robot) => Self::Rules(Box::new(robot)),
            Err(error) => Self::Lost(error.to_string()),
        }
    }

    /// Whether the page may be asked for.
    ///
    /// # Errors
    /// If not, with the reason.
    pub fn allows(&self, url: &Url) -> std::result::Result<(), Denied> {
        match self {
            Self::None => Ok(()),
            Self::Rules(_) if self.delay() > Some(PATIENCE) => Err(Denied::TooSlow),
            Self::Rules(robot) if robot.allowed(url.as_str()) => Ok(()),
            Self::Rules(_) => Err(Denied::ByRule),
            Self::Lost(why) => Err(Denied::Lost(why.clone())),
        }
    }

    /// The time between requests that is asked for.
    pub fn delay(&self) -> Option<Duration> {
        let Self::Rules(robot) = self else {
            return None;
        };
        // A number that is none of time is no wish.
        Duration::try_from_secs_f32(robot.delay?).ok()
    }
}

/// Why a page may not be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// A rule says so.
    ByRule,
    /// It wants so much time between requests that it is as good as a refusal.
    TooSlow,
    /// Nobody knows the rules.
    Lost(String),
}

impl std::fmt::Display for Denied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ByRule => f.write_str("robots.txt does not allow it"),
            Self::TooSlow => {
                f.write_str("robots.txt asks for more time between requests than is waited for")
            }
            Self::Lost(why) => write!(f, "robots.txt can't be had: {why}"),
        }
    }
}

impl Robots {
    /// Where those of this page's server are kept; whoever comes first fills it, and all others wait for that.
    pub fn of(&self, url: &Url) -> Arc<OnceCell<Answer>> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let key = format!("{}://{}", url.scheme(), address::server(url));
        Arc::clone(servers.entry(key).or_default())
    }
}

/// Asks for the file of the server of this page; `None` if there is none.
///
/// # Errors
/// If nobody knows what they are: there was no answer, or none that means that there are none.
pub async fn fetch(client: &Client, servers: &Servers, page: &Url) -> Result<Option<Vec<u8>>> {
    let mut url = page.join("/robots.txt")?;
    // At least five redirects are to be followed (RFC 9309, 2.3.1.2).
    for _ in 0..=5 {
        let mut response = client
            .get(url.clone())
            .send()
            .await
            .map_err(reqwest::Error::without_url)?;
        if let Some(target) = answer::elsewhere(&response, &url)? {
            // It may be a way to a server that nobody else reaches; and without the rules, nothing is allowed.
            if !servers.allow(&target) {
                bail!("it redirects to {target}, on a server that is not allowed");
            }
            url = target;
            continue;
        }
        let is_busy = response.status() == StatusCode::TOO_MANY_REQUESTS;
        if response.status().is_client_error() && !is_busy {
            return Ok(None);
        }
        if !response.status().is_success() {
            bail!("the server answers {}", response.status());
        }
        let mut file = Vec::new();
        while file.len() < LONGEST
            && let Some(chunk) = response
                .chunk()
                .await
                .map_err(reqwest::Error::without_url)?
        {
            file.extend_from_slice(&chunk);
        }
        file.truncate(LONGEST);
        return Ok(Some(file));
    }
    // It is as if there were none (RFC 9309, 2.3.1.2).
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_for_this_program_and_match_the_path_and_the_query() {
        let file = b"User-agent: *\nDisallow: /\n\nUser-agent: async-scrape\nDisallow: /no\nAllow: /no/but\nDisallow: /*?secret\nCrawl-delay: 0.5\n";
        let answer = Answer::of("async-scrape/0.1.0 (me)", file);
        let allows = |path: &str| answer.allows(&Url::parse(&format!("http://h{path}")).unwrap());
        for path in ["/", "/no/but/yes", "/a?x", "/%6Eo/but"] {
            assert_eq!(allows(path), Ok(()), "{path}");
        }
        for path in ["/no", "/no/x", "/a?secret=1"] {
            assert_eq!(allows(path), Err(Denied::ByRule), "{path}");
        }
        assert_eq!(answer.delay(), Some(Duration::from_millis(500)));
        assert_eq!(
            Answer::of("other", file).allows(&Url::parse("http://h/").unwrap()),
            Err(Denied::ByRule)
        );
        assert_eq!(Answer::of("x", b"Crawl-delay: -3").delay(), None);
        let encoded = Answer::of(
            "x",
            b"User-agent: *\nDisallow: /%7Ejoe/\nDisallow: /%c3%bc\n",
        );
        for path in ["/~joe/x", "/%C3%BC"] {
            let url = Url::parse(&format!("http://h{path}")).unwrap();
            assert_eq!(encoded.allows(&url), Err(Denied::ByRule), "{path}");
        }
        let slow = Answer::of("x", b"User-agent: *\nCrawl-delay: 86400\n");
        assert_eq!(
            slow.allows(&Url::parse("http://h/").unwrap()),
            Err(Denied::TooSlow)
        );
    }
}
