//! What pages are asked for with: clients for threads, which block, and for tasks, which don't.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url, blocking};

/// Clients for both kinds of worker. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Client {
    timeout: Duration,
    blocking: blocking::Client,
    tasks: reqwest::Client,
}

impl Client {
    /// Builds both, which takes some milliseconds. `timeout` is for a whole page, to the last byte. With a `stand_in`
    /// the name `httpstat.us` is that server's.
    ///
    /// # Errors
    /// If one can't be built: a proxy in the environment is no URL, or the system has no certificates.
    pub fn new(timeout: Duration, stand_in: Option<SocketAddr>) -> Result<Self> {
        #[cfg(feature = "https")]
        {
            // Fails if there is a provider already: then that one serves.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        // The two kinds of builder have the same methods, but share no trait that says so.
        macro_rules! build {
            ($builder:expr) => {{
                let mut builder = $builder
                    .user_agent(concat!("async-scrape/", env!("CARGO_PKG_VERSION")))
                    .connect_timeout(timeout.min(Duration::from_secs(10)))
                    // Servers close what is idle after some seconds more.
                    .pool_idle_timeout(Duration::from_secs(10))
                    .redirect(Policy::limited(10));
                if let Some(address) = stand_in {
                    // What is here must not go through a proxy that the environment names.
                    builder = builder.no_proxy().resolve("httpstat.us", address);
                }
                builder.build().context("can't build an HTTP client")
            }};
        }
        Ok(Self {
            timeout,
            blocking: build!(blocking::Client::builder())?,
            tasks: build!(reqwest::Client::builder())?,
        })
    }

    /// A request for a thread.
    pub fn blocking(&self, url: &Url) -> blocking::RequestBuilder {
        // Set for a request, the time is for all of it. Set for a blocking client, it would begin again with each read.
        self.blocking.get(url.clone()).timeout(self.timeout)
    }

    /// A request for a task.
    pub fn later(&self, url: &Url) -> reqwest::RequestBuilder {
        self.tasks.get(url.clone()).timeout(self.timeout)
    }
}

/// An answer that may be kept: of whatever status, as in the course, but not a server that is too busy to answer.
///
/// # Errors
/// If there was no answer, with the chain of causes and without the URL, which is told beside it.
pub fn checked<R>(answer: reqwest::Result<(StatusCode, R)>) -> Result<R> {
    match answer {
        Ok((StatusCode::TOO_MANY_REQUESTS, _)) => bail!("the server asks for fewer requests (429)"),
        Ok((_, response)) => Ok(response),
        Err(error) => Err(error.without_url().into()),
    }
}
