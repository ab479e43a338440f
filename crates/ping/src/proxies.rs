//! The proxies that the environment names, and for which servers they are used.
//!
//! `ping` and `async-scrape` have the same file, so that each can be copied out alone.

use std::env;
use std::error::Error;
use std::iter::successors;
use std::net::IpAddr;

use anyhow::{Context, Result, bail};
use reqwest::Url;

/// The proxies for the two schemes, and the servers that are asked without one.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    http: Option<Url>,
    https: Option<Url>,
    direct: Vec<Direct>,
}

/// Servers that are asked without a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Direct {
    /// All servers.
    All,
    /// The addresses whose first bits are these.
    Network(IpAddr, u8),
    /// This host, those below it, and if a port is named only that one.
    Host(String, Option<u16>),
    /// All that is on this machine.
    Loopback,
}

impl Proxies {
    /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in lower case or else in
    /// upper case.
    ///
    /// # Errors
    /// If a proxy that would be used is no URL, or of a kind that can't be used.
    pub fn from_env() -> Result<Self> {
        Self::read(|name| {
            // A web server hands a client's header `Proxy` to its programs as this variable.
            let is_forged = name == "HTTP_PROXY" && env::var_os("REQUEST_METHOD").is_some();
            env::var(name).ok().filter(|_| !is_forged)
        })
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let value = |name: &str| {
            let values = [name.to_owned(), name.to_uppercase()].into_iter();
            let mut values = values.filter_map(|name| Some((variable(&name)?, name)));
            values.find(|(value, _)| !value.trim().is_empty())
        };
        let proxy = |name: &str| match value(name).or_else(|| value("all_proxy")) {
            Some((value, name)) => parse(value.trim(), &name).map(Some),
            None => Ok(None),
        };
        let direct = value("no_proxy").map_or_else(String::new, |(value, _)| value);
        let direct = direct
            .split([',', ' ', '\t'])
            .filter(|entry| !entry.is_empty());
        Ok(Self {
            http: proxy("http_proxy")?,
            https: proxy("https_proxy")?,
            direct: direct.filter_map(Direct::parse).collect(),
        })
    }

    /// Asks the servers on this machine without a proxy, whose loopback is another.
    pub fn except_loopback(mut self) -> Self {
        self.direct.push(Direct::Loopback);
        self
    }

    /// Asks this host without a proxy.
    pub fn except(mut self, host: &str) -> Self {
        self.direct.push(Direct::Host(host.to_owned(), None));
        self
    }

    /// Whether every server is asked directly.
    pub fn is_empty(&self) -> bool {
        self.http.is_none() && self.https.is_none()
    }

    /// The proxy for this URL; `None` if its server is asked directly.
    pub fn of(&self, url: &Url) -> Option<&Url> {
        let proxy = match url.scheme() {
            "https" => self.https.as_ref(),
            _ => self.http.as_ref(),
        };
        proxy.filter(|_| !self.direct.iter().any(|direct| direct.has(url)))
    }

    /// The hosts of the proxies.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        let proxies = [&self.http, &self.https].into_iter().flatten();
        proxies.filter_map(Url::host_str)
    }

    /// Says in which way the proxy for this URL has failed; `None` if it was not the proxy.
    pub fn words(&self, url: &Url, error: &(dyn Error + 'static)) -> Option<String> {
        let proxy = self.of(url)?;
        let name = server(proxy);
        let mut causes = successors(Some(error), |&cause| cause.source());
        // The library's error has no public type.
        let tunnel = causes.find_map(|cause| {
            let text = cause.to_string();
            let why = ["tunnel error: ", "SOCKS error: "].map(|kind| text.strip_prefix(kind));
            why.into_iter().flatten().next().map(str::to_owned)
        });
        let is_connect = error.downcast_ref().is_some_and(reqwest::Error::is_connect);
        match tunnel.as_deref() {
            Some(
                "proxy authorization required"
                | "server does not support user/pass authentication"
                | "server implements authentication incorrectly"
                | "credentials not accepted",
            ) => self.refusal(url),
            Some("failed to create underlying connection") => {
                Some(format!("the proxy {name} can't be reached"))
            }
            Some(_) => Some(format!(
                "the proxy {name} makes no connection to {}",
                server(url)
            )),
            None if is_connect && (url.scheme() == "http" || is_socks(proxy)) => {
                Some(format!("the proxy {name} can't be reached"))
            }
            None => None,
        }
    }

    /// Says that the proxy for this URL wants to know who asks (status 407, or the same in SOCKS);
    /// `None` if there is no proxy.
    pub fn refusal(&self, url: &Url) -> Option<String> {
        let proxy = self.of(url)?;
        let (name, scheme) = (server(proxy), proxy.scheme());
        let status = if is_socks(proxy) { "" } else { " (407)" };
        Some(match proxy.username() {
            "" => format!(
                "the proxy {name} wants a user's name and a password{status}: write them into the \
                 proxy's variable, as in {scheme}://NAME:PASSWORD@{name}"
            ),
            _ => format!("the proxy {name} refuses this user's name or password{status}"),
        })
    }
}

/// The server of a URL, without the user's name and password.
fn server(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}"));
    host.to_owned() + &port.unwrap_or_default()
}

/// Parses the value of a variable. It may contain a password, so no error quotes it.
fn parse(value: &str, variable: &str) -> Result<Url> {
    let whole = match value.contains("://") {
        true => value.to_owned(),
        false => format!("http://{value}"),
    };
    let url = Url::parse(&whole).ok().filter(Url::has_host);
    let why = || format!("{variable} is no proxy: http://HOST:PORT is needed");
    let mut url = url.with_context(why)?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        "socks" | "socks5" | "socks5h" if cfg!(feature = "https") => {
            // The proxy looks up names, as in browsers. Neither change can fail: there is a host.
            let _ = url.set_scheme(SOCKS);
            let _ = url.set_port(url.port().or(Some(1080)));
            Ok(url)
        }
        // The library's client without TLS does not connect to them.
        "socks" | "socks5" | "socks5h" => bail!(
            "{variable} names a proxy for {}, which needs a program with the feature https",
            url.scheme()
        ),
        other => bail!(
            "{variable} names a proxy for {other}, and only http and socks5 proxies can be used"
        ),
    }
}

/// The scheme of proxies that speak SOCKS, version 5, and look up names.
const SOCKS: &str = "socks5h";

/// Whether a proxy speaks SOCKS: it makes connections, and knows nothing of requests.
pub fn is_socks(proxy: &Url) -> bool {
    proxy.scheme() == SOCKS
}

impl Direct {
    fn parse(entry: &str) -> Option<Self> {
        if entry == "*" {
            return Some(Self::All);
        }
        let (address, bits) = match entry.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (entry, None),
        };
        if let Ok(address) = address.trim_matches(['[', ']']).parse::<IpAddr>() {
            let all = if address.is_ipv4() { 32 } else { 128 };
            return Some(Self::Network(address, bits.unwrap_or(all).min(all)));
        }
        let host = entry.trim_start_matches('*').trim_matches('.');
        // A URL's host has one spelling: in lower case, and in ASCII.
        let url = Url::parse(&format!("http://{host}/")).ok()?;
        // The scheme's own port is left out of a URL.
        let port = url.port().or_else(|| host.ends_with(":80").then_some(80));
        Some(Self::Host(url.host_str()?.to_owned(), port))
    }

    fn has(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        match self {
            Self::All => true,
            Self::Loopback => match address {
                Some(address) => address.to_canonical().is_loopback(),
                None => host == "localhost",
            },
            Self::Network(network, bits) => {
                address.is_some_and(|address| shares(*network, address, *bits))
            }
            Self::Host(name, port) => {
                let above = host.strip_suffix(name.as_str());
                let is_host = above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
                is_host && port.is_none_or(|port| url.port_or_known_default() == Some(port))
            }
        }
    }
}

/// Whether the first bits of two addresses are the same.
fn shares(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            let differ = one.to_bits() ^ other.to_bits();
            differ.leading_zeros() >= bits.into()
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            let differ = one.to_bits() ^ other.to_bits();
            differ.leading_zeros() >= bits.into()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
