//! `robots.txt`: what a server asks of programs that follow links
//! ([RFC 9309](https://www.rfc-editor.org/rfc/rfc9309)).

use std::collections::HashMap;
use std::io::Read;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Error, anyhow};
use encoding_rs::Encoding;
use percent_encoding::{AsciiSet, percent_encode};
use reqwest::{StatusCode, Url};
use tokio::sync::OnceCell;

use super::address::{self, Servers};
use super::answer::{self, Failure, Retry};
use super::coding;
use super::warc::{Archive, Exchange};
use crate::client::Client;

mod rules;
use rules::Rules;
pub use rules::product;

/// The most bytes of a `robots.txt` that are read (RFC 9309, 2.5).
pub const LONGEST: usize = 500 << 10;

/// The longest crawl delay that is kept. A server that asks for more is not crawled at all.
const LONGEST_CRAWL_DELAY: Duration = Duration::from_secs(120);

/// The `robots.txt` of each server, requested once.
#[derive(Default)]
pub struct Robots {
    servers: Mutex<HashMap<String, Arc<OfServer>>>,
}

/// The `robots.txt` of a server.
#[derive(Default)]
pub struct OfServer {
    /// Filled by the first worker that asks. Others wait for it meanwhile.
    pub file: OnceCell<RobotsTxt>,
    /// How often it was requested in vain.
    pub failures: AtomicU32,
}

/// What is known of a server's `robots.txt`, in the terms of RFC 9309.
pub enum RobotsTxt {
    /// There is no such file, so all is allowed.
    Unavailable,
    /// The rules for this program, and a crawl delay.
    Rules(Rules),
    /// The server could not be asked, so nothing is allowed, and why.
    Unreachable(String),
}

impl RobotsTxt {
    /// Reads the rules that are for this user agent.
    pub fn parse(agent: &str, file: &[u8]) -> Self {
        let text = match (Encoding::for_bom(file), str::from_utf8(file)) {
            (Some((encoding, _)), _) => encoding.decode(file).0,
            (None, Ok(text)) => text.into(),
            // Paths are bytes: they are encoded as URLs have them.
            (None, Err(_)) => percent_encode(file, &AsciiSet::EMPTY).into(),
        };
        Self::Rules(Rules::parse(agent, &text))
    }

    /// Checks whether this page may be requested.
    ///
    /// # Errors
    /// If it may not, with the reason.
    pub fn allows(&self, url: &Url) -> std::result::Result<(), Denied> {
        match self {
            Self::Unavailable => Ok(()),
            Self::Rules(_) if self.crawl_delay() > Some(LONGEST_CRAWL_DELAY) => {
                Err(Denied::TooSlow)
            }
            Self::Rules(rules) => {
                let is_allowed = rules.allow(address::path_and_query(url));
                is_allowed.then_some(()).ok_or(Denied::ByRule)
            }
            Self::Unreachable(why) => Err(Denied::Unreachable(why.clone())),
        }
    }

    /// The sitemaps that it names.
    pub fn sitemaps(&self) -> &[String] {
        match self {
            Self::Rules(rules) => &rules.sitemaps,
            _ => &[],
        }
    }

    /// The crawl delay: the least time between two requests that the server asks for.
    pub fn crawl_delay(&self) -> Option<Duration> {
        let Self::Rules(rules) = self else {
            return None;
        };
        // A crawl delay that is negative, infinite or NaN is ignored.
        Duration::try_from_secs_f32(rules.crawl_delay?).ok()
    }
}

/// Why a page may not be requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// A rule disallows it.
    ByRule,
    /// The crawl delay is so long that the server is not crawled.
    TooSlow,
    /// The rules are unknown, and why.
    Unreachable(String),
}

impl std::fmt::Display for Denied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ByRule => f.write_str("robots.txt does not allow it"),
            Self::TooSlow => {
                f.write_str("robots.txt asks for more time between requests than is waited for")
            }
            Self::Unreachable(why) => write!(f, "robots.txt can't be had: {why}"),
        }
    }
}

impl Robots {
    /// The `robots.txt` of this page's server.
    pub fn of(&self, url: &Url) -> Arc<OfServer> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let key = format!("{}://{}", url.scheme(), address::server(url));
        Arc::clone(servers.entry(key).or_default())
    }
}

/// Requests the `robots.txt` of this page's server; `None` if there is none. `origin` is as in
/// [`Client::get`].
///
/// # Errors
/// If the rules are unknown: the server did not answer, or answered with a 429 or a 5xx status.
pub async fn fetch(
    client: &Client,
    servers: &Servers,
    page: &Url,
    origin: &Url,
    archive: Option<&Archive>,
) -> Result<Option<Vec<u8>>, Failure> {
    let mut url = page.join("/robots.txt").map_err(Error::from)?;
    // At least five redirects are to be followed (RFC 9309, 2.3.1.2).
    for _ in 0..=5 {
        let mut exchange = archive.map(|_| Exchange::begin(&url, client.head(&url, origin, None)));
        let mut response = client.get(&url, origin, None).await?;
        if let Some((archive, exchange)) = archive.zip(exchange.as_mut()) {
            archive.answered(client, exchange, &mut response).await?;
        }
        if let Some(target) = answer::redirect(&response, &url)? {
            // Such a server may be one that only this machine can reach.
            if !servers.allow(&target) {
                let why = anyhow!("it redirects to {target}, on a server that is not allowed");
                return Err(why.into());
            }
            url = target;
            continue;
        }
        let is_busy = response.status() == StatusCode::TOO_MANY_REQUESTS;
        if response.status().is_client_error() && !is_busy {
            return Ok(None);
        }
        // All pages need it, so it is worth another try where a page would not be.
        let is_broken = response.status() == StatusCode::INTERNAL_SERVER_ERROR;
        let mut response = answer::successful(response).map_err(|failure| match is_broken {
            true => Failure {
                retry: Retry::Later,
                ..failure
            },
            false => failure,
        })?;
        let codings = coding::of(response.headers(), "text/plain", &url);
        let mut file = Vec::new();
        while file.len() < LONGEST
            && let Some(chunk) = client.chunk(&mut response).await?
        {
            file.extend_from_slice(&chunk);
        }
        let is_whole = file.len() <= LONGEST;
        file.truncate(LONGEST);
        if let Some((archive, exchange)) = archive.zip(exchange) {
            archive.add_bytes(&exchange, &file, is_whole)?;
        }
        let decoder = coding::decoder(&codings.unwrap_or_default(), Box::new(&*file));
        let mut decoded = Vec::new();
        let read = decoder.and_then(|from| from.take(LONGEST as u64).read_to_end(&mut decoded));
        // What can't be decoded may be text, whatever the server says of it.
        let mut text = if read.is_ok() { decoded } else { file };
        if text.len() == LONGEST {
            // Half a rule would be another rule: `/` instead of `/private`.
            let whole = memchr::memrchr2(b'\n', b'\r', &text);
            text.truncate(whole.unwrap_or(0));
        }
        return Ok(Some(text));
    }
    // More redirects count as no `robots.txt` (RFC 9309, 2.3.1.2).
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_for_this_program_and_match_the_path_and_the_query() {
        let file = b"User-agent: *\nDisallow: /\n\nUser-agent: async-scrape\nDisallow: /no\nAllow: /no/but\nDisallow: /*?secret\nCrawl-delay: 0.5\n";
        let robots = RobotsTxt::parse("async-scrape/0.1.0 (me)", file);
        let allows = |path: &str| robots.allows(&Url::parse(&format!("http://h{path}")).unwrap());
        for path in ["/", "/no/but/yes", "/a?x", "/%6Eo/but"] {
            assert_eq!(allows(path), Ok(()), "{path}");
        }
        for path in ["/no", "/no/x", "/a?secret=1"] {
            assert_eq!(allows(path), Err(Denied::ByRule), "{path}");
        }
        assert_eq!(robots.crawl_delay(), Some(Duration::from_millis(500)));
        assert_eq!(
            RobotsTxt::parse("other", file).allows(&Url::parse("http://h/").unwrap()),
            Err(Denied::ByRule)
        );
        assert_eq!(
            RobotsTxt::parse("x", b"Crawl-delay: -3").crawl_delay(),
            None
        );
        let encoded = RobotsTxt::parse(
            "x",
            "User-agent: *\nDisallow: /%7Ejoe/\nDisallow: /%c3%bc\nDisallow: /ö a\n".as_bytes(),
        );
        for path in ["/~joe/x", "/%C3%BC", "/%C3%B6%20a", "/ö a", "/ü"] {
            let url = Url::parse(&format!("http://h{path}")).unwrap();
            assert_eq!(encoded.allows(&url), Err(Denied::ByRule), "{path}");
        }
        let wide = "\u{feff}User-agent: *\nDisallow: /\u{fc}\n".encode_utf16();
        for file in [
            &b"User-agent: *\nDisallow: /\xfc\n# \xe4"[..],
            b"User-agent: *\nDisallow: /%fc\n",
        ] {
            let url = Url::parse("http://h/%FCx").unwrap();
            assert_eq!(
                RobotsTxt::parse("x", file).allows(&url),
                Err(Denied::ByRule)
            );
        }
        let wide = RobotsTxt::parse("x", &wide.flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        let url = Url::parse("http://h/\u{fc}").unwrap();
        assert_eq!(wide.allows(&url), Err(Denied::ByRule));
        let slow = RobotsTxt::parse("x", b"User-agent: *\nCrawl-delay: 86400\n");
        assert_eq!(
            slow.allows(&Url::parse("http://h/").unwrap()),
            Err(Denied::TooSlow)
        );
    }
}
