//! URLs in one spelling each, and the servers that they belong to.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Display, Formatter};

use anyhow::{Result, bail};
use memchr::{memchr, memrchr};
use reqwest::Url;

/// The longest link that is followed. Servers refuse longer ones, which only crawler traps make.
pub const LONGEST: usize = 2048;

/// Why a URL can't be downloaded. Pages have many such links (`javascript:`), and nobody reads the
/// reasons. So this is not an [`anyhow::Error`], which costs a backtrace if the user wants these.
#[derive(Debug)]
pub enum Unusable {
    /// This program was built without https.
    Https,
    /// Its scheme is another one.
    Scheme(String),
    /// It has a user's name or password.
    User,
    /// It has no host.
    NoHost,
    /// It is longer than [`LONGEST`].
    Long,
}

impl Display for Unusable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Https => {
                f.write_str("this program was built without https: build it with --features https")
            }
            Self::Scheme(other) => {
                write!(
                    f,
                    "the scheme is {other}, and only http and https can be downloaded"
                )
            }
            Self::User => f.write_str("there is a user's name or password in it"),
            Self::NoHost => f.write_str("it names no server"),
            Self::Long => write!(f, "it is longer than {LONGEST} bytes"),
        }
    }
}

impl Error for Unusable {}

/// Parses a URL that a user typed, and [cleans](clean) it.
///
/// # Errors
/// If it is no URL, or none that can be downloaded.
pub fn parse(text: &str) -> Result<Url> {
    match Url::parse(text) {
        Ok(url) if text.contains("://") || !is_server_and_port(&url) => Ok(clean(url)?),
        Err(_) if text.contains("://[") && text.contains('%') => {
            bail!("a zone, as in %eth0, can't stand in a URL: it has a meaning on one machine only")
        }
        Err(error) if text.contains("://") => Err(error.into()),
        _ => bail!("no scheme: try http://{text}"),
    }
}

/// Whether this is `localhost:8080`, which looks like a URL whose scheme is `localhost`.
fn is_server_and_port(url: &Url) -> bool {
    url.scheme().contains('.') || url.path().starts_with(|c: char| c.is_ascii_digit())
}

/// Brings a URL into the one spelling that stands for all its spellings.
///
/// That spelling has no fragment, which is never sent, no empty query, and no percent-encoding
/// where none is needed ([RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2), 6.2.2).
/// [`Url`] itself normalises letter case, default ports and dot segments.
///
/// # Errors
/// If it can't be downloaded: its scheme is neither http nor https, or it has a user or password.
pub fn clean(mut url: Url) -> Result<Url, Unusable> {
    match url.scheme() {
        "http" => {}
        "https" if cfg!(feature = "https") => {}
        "https" => return Err(Unusable::Https),
        other => return Err(Unusable::Scheme(other.to_owned())),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Unusable::User);
    }
    url.set_fragment(None);
    if url.query() == Some("") {
        url.set_query(None);
    }
    if let Some(host) = url.host_str().and_then(|host| host.strip_suffix('.')) {
        let host = host.to_owned();
        url.set_host(Some(&host)).map_err(|_| Unusable::NoHost)?;
    }
    if url.path().contains('%') {
        let path = normalise(url.path());
        url.set_path(&path);
    }
    if let Some(query) = url.query().filter(|query| query.contains('%')) {
        let query = normalise(query);
        url.set_query(Some(&query));
    }
    Ok(url)
}

/// Cleans a link found in a page. Unlike a URL from the user, it may be hostile: its length is
/// bounded.
///
/// # Errors
/// If it can't be downloaded, or is too long.
pub fn clean_link(url: Url) -> Result<Url, Unusable> {
    if url.as_str().len() > LONGEST {
        return Err(Unusable::Long);
    }
    clean(url)
}

/// Decodes what needs no percent-encoding: `%7e` is `~`. But `%2f` is not the same as `/`, so only
/// its digits become upper case.
pub(super) fn normalise(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        plain += before;
        rest = after;
        let byte = after
            .get(..2)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            // An encoded dot stays encoded: `%2e%2e` would become the folder above.
            Some(byte) if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) => {
                plain.push(byte.into());
            }
            Some(byte) => plain += &format!("%{byte:02X}"),
            None => {
                plain.push('%');
                continue;
            }
        }
        rest = &after[2..];
    }
    plain + rest
}

/// The path and the query of a URL in the spelling of [`clean`]. It is asked for at each link, so
/// nothing is copied.
pub fn path_and_query(url: &(impl AsRef<str> + ?Sized)) -> &str {
    let after_scheme = after_scheme(url.as_ref());
    after_scheme.find('/').map_or("", |at| &after_scheme[at..])
}

/// The server of a URL, parsed or as text: its host, and its port if that isn't the scheme's
/// default. It is asked for at each link, so nothing is copied.
pub fn server(url: &(impl AsRef<str> + ?Sized)) -> &str {
    let after_scheme = after_scheme(url.as_ref());
    let end = memchr(b'/', after_scheme.as_bytes()).unwrap_or(after_scheme.len());
    let authority = &after_scheme[..end];
    // Only a URL that is not clean has a user before that.
    let user = memrchr(b'@', authority.as_bytes());
    user.map_or(authority, |at| &authority[at + 1..])
}

fn after_scheme(url: &str) -> &str {
    let rest = memchr(b':', url.as_bytes()).map_or("", |at| &url[at + 1..]);
    rest.strip_prefix("//").unwrap_or_default()
}

/// The server of a URL as people write it: `bücher.example`, for which the protocol's form is
/// `xn--bcher-kva.example`.
pub fn readable_server(url: &(impl AsRef<str> + ?Sized)) -> Cow<'_, str> {
    let server = server(url);
    let host = host(server);
    if host.contains("xn--")
        && let (plain, Ok(())) = idna::domain_to_unicode(host)
    {
        return server.replacen(host, &plain, 1).into();
    }
    server.into()
}

/// A URL with its server as people write it. Any other text stays as it is.
pub fn readable(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) => text.replacen(server(&url), &readable_server(&url), 1),
        Err(_) => text.to_owned(),
    }
}

/// The servers whose pages may be requested.
#[derive(Debug, Clone)]
pub enum Servers {
    /// All servers: right for a list that the user wrote.
    All,
    /// These servers. `.example.com` stands for every server below example.com.
    Only(Vec<String>),
}

impl Servers {
    /// Whether this URL is on one of them.
    pub fn allow(&self, url: &(impl AsRef<str> + ?Sized)) -> bool {
        let Self::Only(servers) = self else {
            return true;
        };
        let server = server(url);
        servers.iter().any(|allowed| {
            allowed == server || allowed.starts_with('.') && host(server).ends_with(&**allowed)
        })
    }
}

/// A server without its port.
fn host(server: &str) -> &str {
    match server.rsplit_once(':') {
        // In brackets, colons are a part of an address.
        Some((host, port)) if !port.ends_with(']') => host,
        _ => server,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(url: &str) -> String {
        clean(Url::parse(url).unwrap()).unwrap().into()
    }

    #[test]
    fn spellings_of_one_url_become_one() {
        for (spellings, one) in [
            (
                &[
                    "http://h/a",
                    "HTTP://H:80/a#x",
                    "http://h./%61",
                    "http://h/b/../a?",
                ][..],
                "http://h/a",
            ),
            (
                &["http://h/%7eme?q=%2f%61", "http://h/~me?q=%2Fa"],
                "http://h/~me?q=%2Fa",
            ),
            (&["http://h/100%", "http://h/100%#"], "http://h/100%"),
            (&["http://h/%zz%4"], "http://h/%zz%4"),
            (
                &["http://bücher.example/ü"],
                "http://xn--bcher-kva.example/%C3%BC",
            ),
            (&["http://0x7f.1/"], "http://127.0.0.1/"),
        ] {
            for spelling in spellings {
                assert_eq!(cleaned(spelling), one, "{spelling}");
            }
        }
        // URLs that mean different pages stay different.
        assert_ne!(cleaned("http://h/a%2Fb"), cleaned("http://h/a/b"));
        assert_ne!(cleaned("http://h/A"), cleaned("http://h/a"));
        // Cleaning twice changes nothing more.
        for url in ["http://h/%25%36%31", "http://h/%2525", "http://h/%2e%2e/a"] {
            assert_eq!(cleaned(&cleaned(url)), cleaned(url), "{url}");
        }
    }

    #[test]
    fn hosts_are_shown_as_people_write_them() {
        for (url, shown) in [
            (
                "http://xn--bcher-kva.example:81/a",
                "http://bücher.example:81/a",
            ),
            ("https://xn--9ca.xn--p1ai/?xn--9ca", "https://é.рф/?xn--9ca"),
            (
                "http://h/xn--bcher-kva.example",
                "http://h/xn--bcher-kva.example",
            ),
            ("http://xn--a/", "http://xn--a/"),
            ("no url", "no url"),
        ] {
            assert_eq!(readable(url), shown);
        }
    }

    #[test]
    fn what_can_not_be_downloaded_is_refused() {
        let long = format!("http://h/?{}", "x".repeat(LONGEST));
        for (url, hint) in [
            ("file:///etc/passwd", "the scheme is file"),
            ("javascript:alert(1)", "the scheme is javascript"),
            ("http://me:secret@h/", "password"),
            (&long, "longer than"),
        ] {
            let error = clean_link(Url::parse(url).unwrap())
                .unwrap_err()
                .to_string();
            assert!(error.contains(hint), "{error}");
        }
    }

    #[test]
    fn servers_are_told_apart() {
        let allow = |servers: &[&str], url: &str| {
            let servers = servers.iter().map(|server| (*server).to_owned()).collect();
            Servers::Only(servers).allow(&Url::parse(url).unwrap())
        };
        assert!(allow(&["h"], "http://h/"));
        assert!(allow(&["h"], "https://h:443/") || !cfg!(feature = "https"));
        assert!(allow(&["h:8080"], "http://h:8080/"));
        assert!(allow(&[".h"], "http://a.h/"));
        for (server, url) in [
            ("h", "http://h:8080/"),
            ("h", "http://a.h/"),
            ("h", "http://h.evil/"),
            ("h", "http://evilh/"),
            (".h", "http://evilh/"),
            ("127.0.0.1", "http://169.254.169.254/"),
        ] {
            assert!(!allow(&[server], url), "{server}: {url}");
        }
    }
}
