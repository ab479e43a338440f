//! What pages are asked for with.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;

use crate::connect::Noting;

/// The name that a server on this machine gets, so that what is downloaded from it is in the same folder, whatever its port is.
pub const STAND_IN: &str = "site.localhost";

/// How to ask.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For a whole page, to its last byte.
    pub timeout: Duration,
    /// Who asks.
    pub user_agent: String,
    /// Sent with every request.
    pub headers: HeaderMap,
    /// Whether an answer that says where the page is now is followed there, at most 10 times. A crawler looks first.
    pub redirects: bool,
    /// A server on this machine that is called [`STAND_IN`].
    pub stand_in: Option<SocketAddr>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            user_agent: concat!("async-scrape/", env!("CARGO_PKG_VERSION")).to_owned(),
            headers: HeaderMap::new(),
            redirects: false,
            stand_in: None,
        }
    }
}

impl Settings {
    /// A client, which keeps connections and is cheap to clone.
    ///
    /// # Errors
    /// If a proxy in the environment is no URL, or the system has no certificates.
    pub fn client(&self) -> Result<reqwest::Client> {
        #[cfg(feature = "https")]
        {
            // Fails if there is a provider already: then that one serves.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .default_headers(self.headers.clone())
            .timeout(self.timeout)
            .connect_timeout(self.timeout.min(Duration::from_secs(10)))
            .connector_layer(Noting)
            // Servers close what is idle after some seconds more.
            .pool_idle_timeout(Duration::from_secs(10))
            .redirect(if self.redirects {
                Policy::limited(10)
            } else {
                Policy::none()
            });
        if let Some(address) = self.stand_in {
            // What is here must not go through a proxy that the environment names.
            builder = builder.no_proxy().resolve(STAND_IN, address);
        }
        builder.build().context("can't build an HTTP client")
    }
}

/// Whether to ask again may help: the connection broke. A page that took too long has had its time, and a server that refuses
/// connections is not there.
pub fn may_pass(error: &reqwest::Error) -> bool {
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
