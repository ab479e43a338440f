//! What a ping is sent with: clients for threads, which block, and for tasks, which don't.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::ext::ReasonPhrase;
use hyper::http::Extensions;
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode, Url, blocking};

/// How to ask.
#[derive(Debug, Clone)]
pub struct Settings {
    /// GET or HEAD.
    pub method: Method,
    /// How long a whole ping may take, from looking up the name to the last byte of the body.
    pub timeout: Duration,
    /// How long it may take until there is a connection.
    pub connect_timeout: Duration,
    /// How many redirects are followed; with 0 a redirect is the answer.
    pub redirects: usize,
    /// Who plays `httpstat.us`; `None` if the real one is to be asked.
    pub stand_in: Option<SocketAddr>,
}

/// Clients for both kinds of worker. Cloning it is cheap.
///
/// No connection is kept for the next ping: a ping is to tell how long it takes from the beginning, and the
/// first of a strategy must not be dearer than the others.
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
    /// Builds them all, which takes some milliseconds.
    ///
    /// # Errors
    /// If one can't be built: a proxy in the environment is no URL, or the system has no certificates.
    pub fn new(settings: Settings) -> Result<Self> {
        #[cfg(feature = "https")]
        {
            // Fails if there is a provider already: then that one serves.
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
        // Set for a request, it is for all of it. Set for a blocking client, it would begin again with each read, and
        // a server that sends a byte a second would never run into it.
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
                    // Proxies that the environment names would get loopback addresses, too, and theirs is another.
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

/// What the server called its status. HTTP/1 lets it say what it likes, nothing, or something that is no text; then it
/// is the standard's name for the status.
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
