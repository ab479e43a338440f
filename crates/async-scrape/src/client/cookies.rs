//! Cookies, for as long as a crawl runs ([RFC 6265](https://www.rfc-editor.org/rfc/rfc6265)).
//!
//! Some sites redirect a page to itself until their cookie comes back. Nothing is written to a
//! file, and there is no list of public suffixes: a crawl goes only to servers that its user names.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::Url;
use reqwest::header::{HeaderValue, ValueIter};

mod date;

/// The most cookies that are kept, and the most bytes of one. Only a trap sets more.
const MOST: usize = 1000;
const LONGEST: usize = 4096;

/// The cookies of all servers.
#[derive(Debug, Default)]
pub struct Cookies(Mutex<Jar>);

#[derive(Debug, Default)]
struct Jar {
    cookies: Vec<Cookie>,
    changes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    /// Whether it is also for the servers below `domain`.
    has_subdomains: bool,
    path: String,
    is_secure: bool,
    expires: Option<SystemTime>,
}

impl Cookies {
    fn jar(&self) -> MutexGuard<'_, Jar> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often a cookie was set, changed or deleted.
    pub fn changes(&self) -> usize {
        self.jar().changes
    }

    /// Takes the cookies that the answer to this URL sets.
    pub fn take(&self, url: &Url, headers: ValueIter<'_, HeaderValue>) {
        for header in headers {
            let text = String::from_utf8_lossy(header.as_bytes());
            if let Some(cookie) = Cookie::parse(&text, url) {
                self.jar().put(cookie);
            }
        }
    }

    /// The value of the `Cookie` header of a request for this URL; `None` if it has none.
    pub fn of(&self, url: &Url) -> Option<String> {
        let jar = self.jar();
        if jar.cookies.is_empty() {
            return None;
        }
        let now = SystemTime::now();
        let is_sent = |cookie: &&Cookie| cookie.is_for(url) && !cookie.is_over(now);
        let mut cookies: Vec<_> = jar.cookies.iter().filter(is_sent).collect();
        // The one with the longest path is the most specific.
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs = cookies.iter().map(|cookie| match &*cookie.name {
            "" => cookie.value.clone(),
            name => format!("{name}={}", cookie.value),
        });
        let pairs = pairs.collect::<Vec<_>>();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Jar {
    fn put(&mut self, cookie: Cookie) {
        let is_same = |other: &Cookie| {
            (&other.name, &other.domain, &other.path)
                == (&cookie.name, &cookie.domain, &cookie.path)
        };
        let before = self.cookies.iter().position(is_same);
        let before = before.map(|index| self.cookies.remove(index));
        let is_over = cookie.is_over(SystemTime::now());
        let is_new = match &before {
            Some(before) => is_over || before.value != cookie.value,
            None => !is_over,
        };
        self.changes += usize::from(is_new);
        if !is_over && self.cookies.len() < MOST {
            self.cookies.push(cookie);
        }
    }
}

impl Cookie {
    /// Reads a `Set-Cookie`; `None` if this server may not set such a cookie.
    fn parse(text: &str, url: &Url) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let pair = parts.next()?;
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        if pair.is_empty() || pair.len() > LONGEST || pair.contains(char::is_control) {
            return None;
        }
        let folder = url.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut cookie = Self {
            name: name.trim_end().to_owned(),
            value: value.trim_start().to_owned(),
            domain: url.host_str()?.to_owned(),
            has_subdomains: false,
            path: if folder.is_empty() { "/" } else { folder }.to_owned(),
            is_secure: false,
            expires: None,
        };
        let mut age = None;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            match &*key.trim_end().to_ascii_lowercase() {
                "path" if value.starts_with('/') => cookie.path = value.to_owned(),
                "domain" => {
                    let domain = value.trim_start().trim_start_matches('.');
                    cookie.widen(&domain.to_ascii_lowercase())?;
                }
                "secure" => cookie.is_secure = true,
                "max-age" => age = value.trim().parse::<i64>().ok(),
                "expires" => cookie.expires = date::parse(value),
                _ => {}
            }
        }
        if let Some(seconds) = age {
            let age = Duration::from_secs(seconds.try_into().unwrap_or(0));
            cookie.expires = SystemTime::now().checked_add(age);
        }
        Some(cookie)
    }

    /// Makes it a cookie of all servers below this domain; `None` if its server is not one of them.
    fn widen(&mut self, domain: &str) -> Option<()> {
        if domain.is_empty() || domain == self.domain {
            self.has_subdomains = !domain.is_empty();
            return Some(());
        }
        let is_below = below(&self.domain, domain) && domain.contains('.');
        let is_name = self.domain.contains(|c: char| c.is_ascii_alphabetic());
        if !is_below || !is_name {
            return None;
        }
        domain.clone_into(&mut self.domain);
        self.has_subdomains = true;
        Some(())
    }

    fn is_for(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_of_host = host == self.domain || self.has_subdomains && below(host, &self.domain);
        let rest = url.path().strip_prefix(&*self.path);
        let is_of_path = rest.is_some_and(|rest| {
            rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/')
        });
        is_of_host && is_of_path && (!self.is_secure || url.scheme() == "https")
    }

    fn is_over(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// Whether a host's name is below this domain.
fn below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|before| before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(set: &[&str], at: &str, to: &str) -> Option<String> {
        let cookies = Cookies::default();
        let mut headers = reqwest::header::HeaderMap::new();
        for set in set {
            headers.append("set-cookie", set.parse().unwrap());
        }
        let at = Url::parse(at).unwrap();
        cookies.take(&at, headers.get_all("set-cookie").iter());
        cookies.of(&Url::parse(to).unwrap())
    }

    #[test]
    fn a_cookie_goes_back_to_where_it_came_from_and_nowhere_else() {
        let here = "http://a.h.example/x/y";
        for (set, to, expected) in [
            (&["k=v"][..], "http://a.h.example/x/z", Some("k=v")),
            (&["k=v"], "http://a.h.example:8080/x/", Some("k=v")),
            (&["k=v"], "http://a.h.example/xz", None),
            (&["k=v"], "http://h.example/x/", None),
            (&["k=v; Path=/"], "http://a.h.example/", Some("k=v")),
            (
                &["k=v;path=/;domain=.h.example"],
                "http://b.h.example/",
                Some("k=v"),
            ),
            (&["k=v;path=/;domain=other.example"], here, None),
            (&["k=v;path=/;domain=example"], here, None),
            (&["k=v; Secure"], here, None),
            (&["k=v; Max-Age=0"], here, None),
            (
                &["k=v; Max-Age=60; Expires=Thu, 01-Jan-1970 00:00:00 GMT"],
                here,
                Some("k=v"),
            ),
            (&["k=v; Expires=Thu, 01-Jan-1970 00:00:00 GMT"], here, None),
            (&["k=v; Expires=Thursday, 01-Jan-70 0:00:01"], here, None),
            (
                &["k=v; Expires=nonsense; HttpOnly; SameSite=Lax"],
                here,
                Some("k=v"),
            ),
            (&["k=v", "k=w", "l=m; path=/"], here, Some("k=w; l=m")),
            (&["k=v", "k=; Max-Age=-1"], here, None),
            (&["alone", "", "; path=/"], here, Some("alone")),
            (&["a = b=c ; path=nowhere"], here, Some("a=b=c")),
        ] {
            assert_eq!(sent(set, here, to).as_deref(), expected, "{set:?} {to}");
        }
        let ip = "http://127.0.0.1/";
        assert_eq!(sent(&["k=v; domain=0.0.1"], ip, ip), None);
        assert_eq!(
            sent(&["k=v; domain=127.0.0.1"], ip, ip).as_deref(),
            Some("k=v")
        );
    }

    #[test]
    fn only_what_is_new_is_a_change() {
        let cookies = Cookies::default();
        let url = Url::parse("http://h/").unwrap();
        let mut changes = Vec::new();
        for set in [
            "k=v",
            "k=v",
            "k=w",
            "l=m",
            "k=w; max-age=0",
            "k=w; max-age=0",
        ] {
            let mut headers = reqwest::header::HeaderMap::new();
            headers.append("set-cookie", set.parse().unwrap());
            cookies.take(&url, headers.get_all("set-cookie").iter());
            changes.push(cookies.changes());
        }
        assert_eq!(changes, [1, 1, 2, 3, 4, 4]);
    }
}
