//! The HTTP clients: one kind for threads, which blocks, and one for tasks, which does not.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::ext::ReasonPhrase;
use hyper::http::Extensions;
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode, Url, blocking};

/// How to ask. The default is a GET with generous limits, and no stand-in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// GET or HEAD.
    pub method: Method,
    /// The limit on a whole ping, from the lookup of the name to the last byte of the body.
    pub timeout: Duration,
    /// The limit on the time until there is a connection.
    pub connect_timeout: Duration,
    /// The most redirects to follow; with 0 a redirect is the answer.
    pub redirects: usize,
    /// The address of the server that stands in for `httpstat.us`; `None` asks the real one.
    pub stand_in: Option<SocketAddr>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            method: Method::GET,
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(60),
            redirects: 10,
            stand_in: None,
        }
    }
}

/// Clients for both kinds of worker. Cloning it is cheap.
///
/// No connection is kept for the next ping: each ping measures the time from its very beginning,
/// and the first one of a strategy must not take longer than the others.
#[derive(Debug, Clone)]
pub struct Clients {
    settings: Settings,
    near: Pair,
    far: Pair,
}

#[derive(Debug, Clone)]
struct Pair {
    blocking: blocking::Client,
    tasks: reqwest::Client,
}

impl Clients {
    /// Builds all clients, which takes some milliseconds.
    ///
    /// # Errors
    /// If a proxy in the environment is no URL, or the system has no certificates.
    pub fn new(settings: Settings) -> Result<Self> {
        #[cfg(feature = "https")]
        {
            // Fails if there is a provider already: then that one is used.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        Ok(Self {
            near: Pair::new(&settings, true).context("can't build an HTTP client")?,
            far: Pair::new(&settings, false).context("can't build an HTTP client")?,
            settings,
        })
    }

    /// A request for a thread.
    pub fn request(&self, url: &Url) -> blocking::RequestBuilder {
        let client = &self.pair(url).blocking;
        let request = client.request(self.settings.method.clone(), url.clone());
        // The timeout of a request limits the whole request. The timeout of a blocking client would
        // begin again with each read, and never end a ping of a server that sends a byte a second.
        request.timeout(self.settings.timeout)
    }

    /// A request for a task.
    pub fn request_later(&self, url: &Url) -> reqwest::RequestBuilder {
        let client = &self.pair(url).tasks;
        let request = client.request(self.settings.method.clone(), url.clone());
        request.timeout(self.settings.timeout)
    }

    fn pair(&self, url: &Url) -> &Pair {
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let near = match address {
            Ok(address) => address.is_loopback(),
            Err(_) => host == "localhost" || self.settings.stand_in.is_some() && host == HTTPSTAT,
        };
        if near { &self.near } else { &self.far }
    }
}

/// The site that the embedded server stands in for.
pub const HTTPSTAT: &str = "httpstat.us";

impl Pair {
    fn new(settings: &Settings, near: bool) -> reqwest::Result<Self> {
        // The two kinds of builder have the same methods, but share no trait that says so.
        macro_rules! build {
            ($builder:expr) => {{
                let mut builder = $builder
                    .user_agent(concat!("ping/", env!("CARGO_PKG_VERSION")))
                    .connect_timeout(settings.connect_timeout)
                    .pool_max_idle_per_host(0)
                    .redirect(match settings.redirects {
                        0 => Policy::none(),
                        most => Policy::limited(most),
                    });
                if near {
                    // A proxy from the environment would be asked for loopback addresses, too; but
                    // its loopback is another.
                    builder = builder.no_proxy();
                    if let Some(address) = settings.stand_in {
                        builder = builder.resolve(HTTPSTAT, address);
                    }
                }
                builder.build()
            }};
        }
        Ok(Self {
            blocking: build!(blocking::Client::builder())?,
            tasks: build!(reqwest::Client::builder())?,
        })
    }
}

/// Returns the reason phrase of an answer. A server may send any phrase, none, or one that is not
/// UTF-8; in the last two cases it is the standard's phrase for the status.
pub fn reason(status: StatusCode, extensions: &Extensions) -> String {
    let said = extensions.get::<ReasonPhrase>();
    let said = said.and_then(|phrase| std::str::from_utf8(phrase.as_bytes()).ok());
    match said.filter(|phrase| !phrase.is_empty()) {
        Some(phrase) => phrase.replace(char::is_control, " "),
        None => status
            .canonical_reason()
            .unwrap_or("(no reason given)")
            .to_owned(),
    }
}
