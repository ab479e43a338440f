//! The HTTP client that requests pages.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::body::Bytes;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, SET_COOKIE,
    TRANSFER_ENCODING, USER_AGENT,
};
use reqwest::{Response, StatusCode, Url};
use tokio::time::timeout;

use crate::connect;
use crate::proxies::Proxies;
#[cfg(feature = "https")]
use crate::trust;

mod cookies;
pub mod guard;
mod lenient;
mod lost;
mod validators;
mod way;

use cookies::Cookies;
use guard::{Guard, Lookup};
use lost::Cure;
pub use lost::{Lost, is_short};
pub use validators::Validators;
use way::Way;

/// The name of the lesson's own site. With a name, its files are in the same folder whatever its
/// port is.
pub const OWN_SITE: &str = "site.localhost";

/// The longest time in which a server may send nothing, unless the user says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The name of the program that asks, unless the user says otherwise.
pub const NAME: &str = concat!("async-scrape/", env!("CARGO_PKG_VERSION"));

/// The most headers of an answer. The library's default is 100, for which it has room on its stack;
/// some servers send more.
const MOST_HEADERS: usize = 10_000;

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
    /// How the addresses of names are looked up.
    pub lookup: Lookup,
    /// Whether pages may lead to private addresses.
    pub private: bool,
    /// Authorities whose certificates are trusted, besides those that the system trusts.
    #[cfg(feature = "https")]
    pub authorities: Vec<trust::Authority>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: TIMEOUT,
            user_agent: NAME.to_owned(),
            headers: HeaderMap::new(),
            cookies: true,
            own_site: None,
            lookup: guard::system,
            private: false,
            #[cfg(feature = "https")]
            authorities: Vec::new(),
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
    way: Way,
    /// The servers whose answers the library refuses, and pages of others, and what helps.
    cures: Mutex<HashMap<String, Cure>>,
    /// Made when it is needed: it costs time and memory.
    for_more_headers: OnceLock<Option<reqwest::Client>>,
    settings: Settings,
}

impl Settings {
    /// Makes a client. `named` are the hosts that the user named, whatever their addresses are.
    ///
    /// # Errors
    /// If a proxy in the environment can't be used, or the user agent is no header.
    pub fn client(&self, named: impl IntoIterator<Item = String>) -> Result<Client> {
        let mut headers = self.headers.clone();
        let agent = HeaderValue::from_str(&self.user_agent).context("the user agent");
        headers.entry(USER_AGENT).or_insert(agent?);
        for (name, value) in [(ACCEPT, "*/*"), (ACCEPT_ENCODING, "gzip")] {
            let value = HeaderValue::from_static(value);
            headers.entry(name).or_insert(value);
        }
        let proxies = match self.own_site {
            None => Proxies::from_env()?,
            // A proxy can't reach this machine's own site.
            Some(_) => Proxies::default(),
        };
        // An address is not looked up, so only a proxy's name has to be allowed.
        let is_name = |host: &&str| host.trim_matches(['[', ']']).parse::<IpAddr>().is_err();
        let proxy_hosts = proxies.hosts().filter(is_name).map(str::to_owned);
        let proxy_hosts = proxy_hosts.collect::<Vec<_>>();
        let named = named.into_iter().chain(proxy_hosts);
        let way = Way {
            guard: Guard::new(self.lookup, self.private, named),
            proxies: Arc::new(proxies),
            #[cfg(feature = "https")]
            tls: trust::config(&self.authorities)?,
        };
        Ok(Client {
            http: way.client(self, None)?,
            timeout: self.timeout,
            headers,
            cookies: self.cookies.then(Cookies::default),
            way,
            cures: Mutex::default(),
            for_more_headers: OnceLock::new(),
            settings: self.clone(),
        })
    }
}

impl Client {
    /// The longest time in which a server may send nothing.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Requests a page, and returns the answer as soon as its head is there. `origin` is the page
    /// that the user wanted: to another server that it redirects to, no secrets are sent. With
    /// `unless`, the page is wanted only if it was changed.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn get(
        &self,
        url: &Url,
        origin: &Url,
        unless: Option<&Validators>,
    ) -> Result<Response, Lost> {
        if let Err(private) = self.way.guard.check(url) {
            return Err(Lost::Told(private.to_string()));
        }
        // In a box, because it is large and would be moved several times.
        let answer = timeout(
            self.timeout,
            Box::pin(self.answer(url, || self.headers(url, origin, unless))),
        )
        .await;
        let response = answer.map_err(|_| Lost::TimedOut(self.timeout))??;
        if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
            && let Some(refusal) = self.way.proxies.refusal(url)
        {
            return Err(Lost::Told(refusal));
        }
        if let Some(cookies) = &self.cookies {
            cookies.take(url, response.headers().get_all(SET_COOKIE).iter());
        }
        Ok(response)
    }

    /// The head of the request that [`get`](Self::get) would make now, as text, without its
    /// secrets.
    pub fn head(&self, url: &Url, origin: &Url, unless: Option<&Validators>) -> String {
        let query = url
            .query()
            .map_or_else(String::new, |query| format!("?{query}"));
        let (path, host) = (url.path(), url.authority());
        let mut head = format!("GET {path}{query} HTTP/1.1\r\nhost: {host}\r\n");
        for (name, value) in &self.headers(url, origin, unless) {
            // Archives are passed on.
            let value = match *name == AUTHORIZATION || *name == COOKIE {
                true => "(left out)".into(),
                false => String::from_utf8_lossy(value.as_bytes()),
            };
            head += &format!("{name}: {value}\r\n");
        }
        head + "\r\n"
    }

    /// Receives the next part of a body; `None` at its end.
    ///
    /// # Errors
    /// If the body breaks off.
    pub async fn chunk(&self, response: &mut Response) -> Result<Option<Bytes>, Lost> {
        let chunk = timeout(self.timeout, response.chunk()).await;
        match chunk.map_err(|_| Lost::TimedOut(self.timeout))? {
            Err(error) if lost::is_whole(&error) => Ok(None),
            Err(error) if lost::ends_without_notice(&error, response) => Ok(None),
            Err(error) if lost::has_odd_chunks(&error) => {
                // For the next time, and for this page alone: others may have none.
                let page = response.url().as_str().to_owned();
                let error = error.without_url();
                Err(match self.cures().insert(page, Cure::Repair) {
                    None => Lost::ToBeRepaired(error),
                    Some(_) => Lost::Failed(error),
                })
            }
            chunk => Ok(chunk?),
        }
    }

    /// How many cookies were set or changed so far. If this grows, the same request may get another
    /// answer.
    pub fn cookies_set(&self) -> usize {
        self.cookies.as_ref().map_or(0, Cookies::changes)
    }

    /// The headers of a request.
    fn headers(&self, url: &Url, origin: &Url, unless: Option<&Validators>) -> HeaderMap {
        let mut headers = self.headers.clone();
        if let Some(validators) = unless {
            validators.add_to(&mut headers);
        }
        if url != origin && url.origin() != origin.origin() {
            headers.remove(AUTHORIZATION);
            headers.remove(COOKIE);
        }
        if let Some(mut cookies) = self.cookies.as_ref().and_then(|cookies| cookies.of(url)) {
            if let Some(own) = headers.get(COOKIE).and_then(|own| own.to_str().ok()) {
                cookies = format!("{own}; {cookies}");
            }
            if let Ok(cookies) = cookies.parse() {
                headers.insert(COOKIE, cookies);
            }
        }
        headers
    }

    async fn answer(&self, url: &Url, headers: impl Fn() -> HeaderMap) -> Result<Response, Lost> {
        let cure = self.cure(url);
        if let Some(cure) = cure
            && let Some(response) = self.cured(cure, url, headers()).await
        {
            return Ok(response);
        }
        let request = self.http.get(url.clone());
        let answer = request.headers(headers()).send().await;
        let (next, is_lasting) = match &answer {
            Err(error) if lost::is_hung_up(error) && connect::is_reused() => {
                // A server may close a connection at that moment, or never use one twice.
                (Some(Cure::Repair), false)
            }
            Err(error) => (Cure::of(error), true),
            Ok(response) => {
                let lacks = lost::lacks_something(response).then_some(Cure::Repair);
                (lacks, response.headers().contains_key(TRANSFER_ENCODING))
            }
        };
        for next in next.into_iter().flat_map(Cure::and_more) {
            if Some(next) != cure
                && let Some(response) = self.cured(next, url, headers()).await
            {
                if is_lasting {
                    self.cures().insert(url.authority().to_owned(), next);
                }
                return Ok(response);
            }
        }
        answer.map_err(|error| Lost::of(error, url, &self.way.proxies))
    }

    /// Requests a page in another way; `None` if that is of no use, either.
    async fn cured(&self, cure: Cure, url: &Url, headers: HeaderMap) -> Option<Response> {
        match cure {
            Cure::MoreHeaders => {
                let make = || self.way.client(&self.settings, Some(MOST_HEADERS)).ok();
                let http = self.for_more_headers.get_or_init(make).as_ref()?;
                http.get(url.clone()).headers(headers).send().await.ok()
            }
            Cure::Repair => lenient::get(url, &headers, &self.way).await.ok(),
        }
    }

    fn cures(&self) -> MutexGuard<'_, HashMap<String, Cure>> {
        self.cures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What helps against an earlier answer of this server, or to this request.
    fn cure(&self, url: &Url) -> Option<Cure> {
        let cures = self.cures();
        // Almost always there are none, and the search would cost more than the look.
        (!cures.is_empty())
            .then(|| {
                cures
                    .get(url.authority())
                    .or_else(|| cures.get(url.as_str()))
            })
            .flatten()
            .copied()
    }
}
