//! The HTTP client that requests pages.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;

use crate::connect::TimeConnects;

/// The name of the lesson's own site. With a name, its files are in the same folder whatever its
/// port is.
pub const OWN_SITE: &str = "site.localhost";

/// The longest time for a page, unless the user says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The name of the program that asks, unless the user says otherwise.
pub const USER_AGENT: &str = concat!("async-scrape/", env!("CARGO_PKG_VERSION"));

/// How pages are requested.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The longest time for a whole page, to its last byte.
    pub timeout: Duration,
    /// The name of the program that asks.
    pub user_agent: String,
    /// Headers that are sent with every request.
    pub headers: HeaderMap,
    /// Whether the client follows redirects itself, at most 10 of them. A crawl of a site does not
    /// let it, because it checks each target first.
    pub redirects: bool,
    /// The address of the lesson's own site, whose name is [`OWN_SITE`].
    pub own_site: Option<SocketAddr>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: TIMEOUT,
            user_agent: USER_AGENT.to_owned(),
            headers: HeaderMap::new(),
            redirects: false,
            own_site: None,
        }
    }
}

impl Settings {
    /// Makes a client. It keeps connections open for further requests, and is cheap to clone.
    ///
    /// # Errors
    /// If a proxy in the environment is no URL, or the system has no certificates.
    pub fn client(&self) -> Result<reqwest::Client> {
        #[cfg(feature = "https")]
        {
            // Fails if a provider is installed already: then that one is used.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .default_headers(self.headers.clone())
            .timeout(self.timeout)
            .connect_timeout(self.timeout.min(Duration::from_secs(10)))
            .connector_layer(TimeConnects)
            // Servers close idle connections after a little more than that.
            .pool_idle_timeout(Duration::from_secs(10))
            .redirect(if self.redirects {
                Policy::limited(10)
            } else {
                Policy::none()
            });
        if let Some(address) = self.own_site {
            // A proxy that the environment names can't reach this machine's own site.
            builder = builder.no_proxy().resolve(OWN_SITE, address);
        }
        builder.build().context("can't build an HTTP client")
    }
}

/// Whether a retry may help, because the connection broke.
///
/// It does not help against a timeout, which has cost enough time, nor where the server refuses
/// connections.
pub fn is_transient(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    let mut is_refused = false;
    while let Some(error) = cause {
        let system = error.downcast_ref::<io::Error>();
        is_refused |= system.is_some_and(|error| error.kind() == ErrorKind::ConnectionRefused);
        cause = error.source();
    }
    !is_refused
        && !error.is_timeout()
        && !error.is_builder()
        && (error.is_connect() || error.is_request() || error.is_body() || error.is_decode())
}
