//! The HTTP clients: one kind for threads, which blocks, and one for tasks, which does not.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::ext::ReasonPhrase;
use hyper::http::Extensions;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use reqwest::redirect::Policy;
use reqwest::{Method, Proxy, StatusCode, Url, blocking};

use crate::failure::{Failure, Kind};
use crate::proxies::Proxies;
#[cfg(feature = "https")]
use crate::trust;

/// The most headers of an answer. The library's default is 100, and some servers send more.
const MOST_HEADERS: usize = 1000;

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
    /// Authorities whose certificates are trusted, besides those that the system trusts.
    #[cfg(feature = "https")]
    pub authorities: Vec<trust::Authority>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            method: Method::GET,
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(60),
            redirects: 10,
            stand_in: None,
            #[cfg(feature = "https")]
            authorities: Vec::new(),
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
    blocking: blocking::Client,
    tasks: reqwest::Client,
    proxies: Arc<Proxies>,
}

impl Clients {
    /// Builds the clients, which takes a millisecond or two.
    ///
    /// # Errors
    /// If a proxy in the environment is no URL, or of a kind that can't be used.
    pub fn new(settings: Settings) -> Result<Self> {
        let proxies = Proxies::from_env()?.except_loopback();
        let proxies = Arc::new(match settings.stand_in {
            Some(_) => proxies.except(HTTPSTAT),
            None => proxies,
        });
        #[cfg(feature = "https")]
        let tls = trust::config(&settings.authorities)?;
        // The two kinds of builder have the same methods, but share no trait that says so.
        macro_rules! build {
            ($builder:expr) => {{
                let mut builder = $builder
                    .user_agent(concat!("ping/", env!("CARGO_PKG_VERSION")))
                    .connect_timeout(settings.connect_timeout)
                    .pool_max_idle_per_host(0)
                    // A connection for one answer needs no sign of life, and each costs a call.
                    .tcp_keepalive(None)
                    .tcp_keepalive_interval(None)
                    .tcp_keepalive_retries(None)
                    // As browsers and curl: a server whose headers are odd has answered.
                    .http1_allow_obsolete_multiline_headers_in_responses(true)
                    .http1_allow_spaces_after_header_name_in_responses(true)
                    .http1_ignore_invalid_headers_in_responses(true)
                    .http1_max_headers(MOST_HEADERS)
                    .redirect(match settings.redirects {
                        0 => Policy::none(),
                        most => Policy::limited(most),
                    });
                let shared = Arc::clone(&proxies);
                // Each request asks the proxies' rules, which takes some time.
                builder = match proxies.is_empty() {
                    true => builder.no_proxy(),
                    false => builder.proxy(Proxy::custom(move |url| shared.of(url).cloned())),
                };
                if let Some(address) = settings.stand_in {
                    builder = builder.resolve(HTTPSTAT, address);
                }
                #[cfg(feature = "https")]
                {
                    builder = builder.tls_backend_preconfigured(tls.clone());
                }
                builder.build().context("can't build an HTTP client")?
            }};
        }
        Ok(Self {
            blocking: build!(blocking::Client::builder()),
            tasks: build!(reqwest::Client::builder()),
            proxies,
            settings,
        })
    }

    /// A request for a thread.
    pub fn request(&self, url: &Url) -> blocking::RequestBuilder {
        let method = self.settings.method.clone();
        let request = self.blocking.request(method, url.clone());
        // The timeout of a request limits the whole request. The timeout of a blocking client would
        // begin again with each read, and never end a ping of a server that sends a byte a second.
        request.timeout(self.settings.timeout)
    }

    /// A request for a task.
    pub fn request_later(&self, url: &Url) -> reqwest::RequestBuilder {
        let request = self
            .tasks
            .request(self.settings.method.clone(), url.clone());
        request.timeout(self.settings.timeout)
    }

    /// Why there is no answer.
    pub fn failure(&self, error: reqwest::Error) -> Failure {
        let url = error.url().cloned();
        match url.and_then(|url| self.proxies.words(&url, &error)) {
            Some(words) => Failure::new(Kind::Proxy, words),
            None => error.into(),
        }
    }

    /// Checks that an answer comes from the server, and not from a proxy that wants to know who
    /// asks.
    ///
    /// # Errors
    /// If it comes from such a proxy.
    pub fn check(&self, url: &Url, status: StatusCode) -> Result<(), Failure> {
        let is_refusal = status == StatusCode::PROXY_AUTHENTICATION_REQUIRED;
        match self.proxies.refusal(url).filter(|_| is_refusal) {
            Some(words) => Err(Failure::new(Kind::Proxy, words)),
            None => Ok(()),
        }
    }
}

/// The site that the embedded server stands in for.
pub const HTTPSTAT: &str = "httpstat.us";

/// Reads a body to its end, but not much more than `most` bytes. Returns how many it read.
///
/// # Errors
/// If it breaks off.
pub fn read(response: blocking::Response, most: u64) -> Result<u64, Failure> {
    let until_close = ends_with_connection(response.headers());
    let bytes = io::copy(&mut response.take(most), &mut io::sink());
    bytes.or_else(|error| Failure::from(error).at_end(until_close))
}

/// Reads a body as [`read`] does, in chunks: other tasks go on while it comes.
///
/// # Errors
/// If it breaks off.
pub async fn read_later(mut response: reqwest::Response, most: u64) -> Result<u64, Failure> {
    let until_close = ends_with_connection(response.headers());
    let mut bytes = 0;
    while bytes < most {
        let chunk = response.chunk().await;
        match chunk.or_else(|error| Failure::from(error).at_end(until_close))? {
            Some(chunk) => bytes += chunk.len() as u64,
            None => break,
        }
    }
    Ok(bytes)
}

/// Whether the end of a body is told by nothing but the end of its connection.
fn ends_with_connection(headers: &HeaderMap) -> bool {
    !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING)
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
