//! The way to a server: with TLS or without, through a proxy or not, and past the guard.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
#[cfg(feature = "https")]
use hyper::Uri;
#[cfg(feature = "https")]
use hyper::rt::{Read, Write};
#[cfg(feature = "https")]
use hyper_rustls::HttpsConnector;
#[cfg(feature = "https")]
use hyper_util::client::legacy::connect;
use hyper_util::client::legacy::connect::HttpConnector;
#[cfg(feature = "https")]
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use reqwest::redirect::Policy;
use reqwest::{Proxy, Url};
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use super::guard::Guard;
use super::{OWN_SITE, Settings};
use crate::connect::TimeConnects;
use crate::proxies::{Proxies, is_socks};

/// How connections are made.
#[derive(Debug)]
pub struct Way {
    /// Which addresses may be connected to.
    pub guard: Guard,
    /// The proxies that are used.
    pub proxies: Arc<Proxies>,
    /// Which certificates are trusted.
    #[cfg(feature = "https")]
    pub tls: rustls::ClientConfig,
}

/// A connection to a server.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

type Cause = Box<dyn Error + Send + Sync>;

impl Way {
    /// Makes one of the library's clients, for answers with at most so many headers.
    ///
    /// # Errors
    /// If the library can't.
    pub fn client(
        &self,
        settings: &Settings,
        headers: Option<usize>,
    ) -> anyhow::Result<reqwest::Client> {
        let proxies = Arc::clone(&self.proxies);
        let mut builder = reqwest::Client::builder()
            .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
            .connector_layer(TimeConnects)
            // Servers close idle connections after a little more than that.
            .pool_idle_timeout(Duration::from_secs(10))
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .redirect(Policy::none())
            .dns_resolver(Arc::new(self.guard.clone()));
        // Each request asks a proxy's rules, which takes some time.
        builder = match proxies.is_empty() {
            true => builder.no_proxy(),
            false => builder.proxy(Proxy::custom(move |url| proxies.of(url).cloned())),
        };
        if let Some(address) = settings.own_site {
            builder = builder.resolve(OWN_SITE, address);
        }
        if let Some(headers) = headers {
            builder = builder.http1_max_headers(headers);
        }
        #[cfg(feature = "https")]
        {
            builder = builder.tls_backend_preconfigured(self.tls.clone());
        }
        builder.build().context("can't build an HTTP client")
    }

    /// The proxy for this URL, and who asks it.
    fn proxy(&self, url: &Url) -> Option<Intercept> {
        let proxy = Matcher::builder().all(self.proxies.of(url)?.as_str());
        proxy.build().intercept(&url.as_str().parse().ok()?)
    }

    /// The proxy that is itself asked for the page of this URL. Others only make connections.
    pub fn asked(&self, url: &Url) -> Option<Intercept> {
        let is_asked = url.scheme() == "http" && !is_socks(self.proxies.of(url)?);
        self.proxy(url).filter(|_| is_asked)
    }

    /// Connects to the server of a URL. A proxy is asked for a tunnel if the connection is
    /// encrypted, or if it speaks SOCKS; otherwise it is the proxy that is connected to.
    ///
    /// # Errors
    /// If there is no connection.
    pub async fn connect(&self, url: &Url) -> Result<Box<dyn Connection>, Cause> {
        let mut tcp = HttpConnector::new_with_resolver(self.guard.clone());
        tcp.enforce_http(false);
        // With its port, for which the library's SOCKS has one default only.
        let host = url.host_str().zip(url.port_or_known_default());
        let (host, port) = host.ok_or("it has no server")?;
        let server = format!("{}://{host}:{port}", url.scheme()).parse()?;
        let proxy = self.proxy(url);
        #[cfg(feature = "https")]
        match &proxy {
            Some(proxy) if self.proxies.of(url).is_some_and(is_socks) => {
                let mut socks = SocksV5::new(proxy.uri().clone(), tcp);
                if let Some((user, password)) = proxy.raw_auth() {
                    socks = socks.with_auth(user.to_owned(), password.to_owned());
                }
                return self.encrypted(socks, server).await;
            }
            Some(proxy) if url.scheme() == "https" => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), tcp);
                if let Some(who) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(who.clone());
                }
                return self.encrypted(tunnel, server).await;
            }
            None if url.scheme() == "https" => return self.encrypted(tcp, server).await,
            _ => {}
        }
        let target = proxy.map_or(server, |proxy| proxy.uri().clone());
        Ok(Box::new(TokioIo::new(tcp.call(target).await?)))
    }

    /// Makes a connection, and encrypts it if the scheme is https.
    #[cfg(feature = "https")]
    async fn encrypted<C>(&self, connector: C, server: Uri) -> Result<Box<dyn Connection>, Cause>
    where
        C: Service<Uri, Future: Send, Error: Into<Cause>> + Send + 'static,
        C::Response: connect::Connection + Read + Write + Send + Unpin + 'static,
        C::Future: 'static,
    {
        let stream = HttpsConnector::from((connector, self.tls.clone())).call(server);
        Ok(Box::new(TokioIo::new(stream.await?)))
    }
}
