//! The HTTP client that requests pages.

use std::collections::HashSet;
use std::env;
use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::body::Bytes;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, LOCATION, SET_COOKIE,
    USER_AGENT,
};
use reqwest::redirect::Policy;
use reqwest::{Response, Url};
use tokio::time::timeout;

use crate::connect::TimeConnects;

mod cookies;
mod lenient;

use cookies::Cookies;

/// The name of the lesson's own site. With a name, its files are in the same folder whatever its
/// port is.
pub const OWN_SITE: &str = "site.localhost";

/// The longest time in which a server may send nothing, unless the user says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The name of the program that asks, unless the user says otherwise.
pub const NAME: &str = concat!("async-scrape/", env!("CARGO_PKG_VERSION"));

/// The most headers of an answer. The library's default, 100, is less than some servers send.
const MOST_HEADERS: usize = 512;

/// How pages are requested.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The longest time in which a server may send nothing: before its answer, and in its body.
    pub timeout: Duration,
    /// The name of the program that asks.
    pub user_agent: String,
    /// Headers that are sent with every request.
    pub headers: HeaderMap,
    /// Whether cookies are kept, for as long as the client exists.
    pub cookies: bool,
    /// The address of the lesson's own site, whose name is [`OWN_SITE`].
    pub own_site: Option<SocketAddr>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: TIMEOUT,
            user_agent: NAME.to_owned(),
            headers: HeaderMap::new(),
            cookies: true,
            own_site: None,
        }
    }
}

/// A client. It keeps connections open for further requests, and follows no redirect: a crawl
/// checks each target first.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    timeout: Duration,
    headers: HeaderMap,
    cookies: Option<Cookies>,
    /// Whether requests go through a proxy, which alone can reach the servers.
    has_proxy: bool,
    /// The servers whose answers have to be repaired.
    malformed: Mutex<HashSet<String>>,
}

/// Why there is no answer, or not all of its body.
#[derive(Debug)]
pub enum Lost {
    /// The server sent nothing for this long.
    TimedOut(Duration),
    /// The request failed.
    Failed(reqwest::Error),
}

impl Settings {
    /// Makes a client.
    ///
    /// # Errors
    /// If a proxy in the environment is no URL, the user agent is no header, or the system has no
    /// certificates.
    pub fn client(&self) -> Result<Client> {
        #[cfg(feature = "https")]
        {
            // Fails if a provider is installed already: then that one is used.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let mut headers = self.headers.clone();
        let agent = HeaderValue::from_str(&self.user_agent).context("the user agent");
        headers.entry(USER_AGENT).or_insert(agent?);
        for (name, value) in [(ACCEPT, "*/*"), (ACCEPT_ENCODING, "gzip")] {
            let value = HeaderValue::from_static(value);
            headers.entry(name).or_insert(value);
        }
        let mut builder = reqwest::Client::builder()
            .connect_timeout(self.timeout.min(Duration::from_secs(10)))
            .connector_layer(TimeConnects)
            // Servers close idle connections after a little more than that.
            .pool_idle_timeout(Duration::from_secs(10))
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_max_headers(MOST_HEADERS)
            .redirect(Policy::none());
        if let Some(address) = self.own_site {
            // A proxy that the environment names can't reach this machine's own site.
            builder = builder.no_proxy().resolve(OWN_SITE, address);
        }
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let proxies = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
        Ok(Client {
            http: builder.build().context("can't build an HTTP client")?,
            timeout: self.timeout,
            headers,
            cookies: self.cookies.then(Cookies::default),
            has_proxy: self.own_site.is_none() && proxies.into_iter().any(is_set),
            malformed: Mutex::default(),
        })
    }
}

impl Client {
    /// The longest time in which a server may send nothing.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Requests a page, and returns the answer as soon as its head is there. `origin` is the page
    /// that the user wanted: to another server that it redirects to, no secrets are sent.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn get(&self, url: &Url, origin: &Url) -> Result<Response, Lost> {
        let headers = self.headers(url, origin);
        let answer = timeout(self.timeout, self.answer(url, headers)).await;
        let response = answer.map_err(|_| Lost::TimedOut(self.timeout))??;
        if let Some(cookies) = &self.cookies {
            cookies.take(url, response.headers().get_all(SET_COOKIE).iter());
        }
        Ok(response)
    }

    /// Receives the next part of a body; `None` at its end.
    ///
    /// # Errors
    /// If the body breaks off.
    pub async fn chunk(&self, response: &mut Response) -> Result<Option<Bytes>, Lost> {
        let chunk = timeout(self.timeout, response.chunk()).await;
        Ok(chunk.map_err(|_| Lost::TimedOut(self.timeout))??)
    }

    /// How many cookies were set or changed so far. If this grows, the same request may get another
    /// answer.
    pub fn cookies_set(&self) -> usize {
        self.cookies.as_ref().map_or(0, Cookies::changes)
    }

    /// The headers of a request.
    fn headers(&self, url: &Url, origin: &Url) -> HeaderMap {
        let mut headers = self.headers.clone();
        if url.origin() != origin.origin() {
            headers.remove(AUTHORIZATION);
            headers.remove(COOKIE);
        }
        if let Some(mut cookies) = self.cookies.as_ref().and_then(|cookies| cookies.of(url)) {
            if let Some(own) = headers.get(COOKIE).and_then(|own| own.to_str().ok()) {
                cookies = format!("{own}; {cookies}");
            }
            headers.extend(cookies.parse().ok().map(|cookies| (COOKIE, cookies)));
        }
        headers
    }

    async fn answer(&self, url: &Url, headers: HeaderMap) -> Result<Response, Lost> {
        let is_known = self.is_malformed(url);
        if is_known && let Some(response) = self.repaired(url, &headers).await {
            return Ok(response);
        }
        let request = self.http.get(url.clone()).headers(headers.clone());
        let answer = request.send().await;
        let is_malformed = match &answer {
            Err(error) => is_refused(error),
            // The library leaves out headers that it can't read.
            Ok(response) => {
                matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
                    && !response.headers().contains_key(LOCATION)
            }
        };
        if is_malformed
            && !is_known
            && let Some(response) = self.repaired(url, &headers).await
        {
            if answer.is_err() {
                self.malformed().insert(url.authority().to_owned());
            }
            return Ok(response);
        }
        Ok(answer?)
    }

    /// Requests a page and repairs the answer's head; `None` if that can't be done.
    async fn repaired(&self, url: &Url, headers: &HeaderMap) -> Option<Response> {
        if url.scheme() != "http" || self.has_proxy {
            return None;
        }
        lenient::get(url, headers).await.ok()
    }

    fn malformed(&self) -> MutexGuard<'_, HashSet<String>> {
        self.malformed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an earlier answer of this server had to be repaired.
    fn is_malformed(&self, url: &Url) -> bool {
        let malformed = self.malformed();
        !malformed.is_empty() && malformed.contains(url.authority())
    }
}

/// Whether the library refused the answer because of what stands in its head.
fn is_refused(error: &reqwest::Error) -> bool {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(|cause| cause.is_parse() && !cause.is_parse_too_large())
}

/// The causes of an error, the nearest first.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

impl Lost {
    /// Whether a retry may help, because the connection broke.
    ///
    /// It does not help against a timeout, which has cost enough time, nor where the server refuses
    /// connections.
    pub fn is_transient(&self) -> bool {
        let Self::Failed(error) = self else {
            return false;
        };
        let is_connection_refused = causes(error)
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|cause| cause.kind() == ErrorKind::ConnectionRefused);
        !is_connection_refused
            && !error.is_timeout()
            && !error.is_builder()
            && (error.is_connect() || error.is_request() || error.is_body() || error.is_decode())
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(time) => {
                let time = humantime::format_duration(*time);
                write!(f, "timed out: the server sent nothing for {time}")
            }
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl Error for Lost {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TimedOut(_) => None,
            Self::Failed(error) => error.source(),
        }
    }
}

impl From<reqwest::Error> for Lost {
    fn from(error: reqwest::Error) -> Self {
        // The URL is reported beside the error.
        Self::Failed(error.without_url())
    }
}
