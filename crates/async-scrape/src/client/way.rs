//! The way to a server: with TLS or without, through a proxy or not, and past the guard.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
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
use crate::proxies::Proxies;
#[cfg(feature = "https")]
use crate::proxies::is_socks;

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

    /// Connects to the server of a URL. A proxy is asked for a tunnel if the connection is
    /// encrypted, or if it speaks SOCKS. Otherwise it is the proxy that is connected to: then it is
    /// returned, too, since the request must be one that it understands.
    ///
    /// # Errors
    /// If there is no connection.
    pub async fn connect(
        &self,
        url: &Url,
    ) -> Result<(Box<dyn Connection>, Option<Intercept>), Cause> {
        let mut tcp = HttpConnector::new_with_resolver(self.guard.clone());
        tcp.enforce_http(false);
        // With its port, for which the library's SOCKS has one default only.
        let host = url.host_str().zip(url.port_or_known_default());
        let (host, port) = host.ok_or("it has no server")?;
        let server: Uri = format!("{}://{host}:{port}", url.scheme()).parse()?;
        let address = self.proxies.of(url);
        let proxy = address.and_then(|address| {
            let all = Matcher::builder().all(address.as_str()).build();
            all.intercept(&server)
        });
        #[cfg(feature = "https")]
        match &proxy {
            Some(proxy) if address.is_some_and(is_socks) => {
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
        let target = proxy.as_ref().map_or(server, |proxy| proxy.uri().clone());
        let stream = TokioIo::new(tcp.call(target).await?);
        Ok((Box::new(stream), proxy))
    }

    /// Makes a connection, and encrypts it if the scheme is https.
    #[cfg(feature = "https")]
    async fn encrypted<C>(
        &self,
        connector: C,
        server: Uri,
    ) -> Result<(Box<dyn Connection>, Option<Intercept>), Cause>
    where
        C: Service<Uri, Future: Send, Error: Into<Cause>> + Send + 'static,
        C::Response: connect::Connection + Read + Write + Send + Unpin + 'static,
        C::Future: 'static,
    {
        let stream = HttpsConnector::from((connector, self.tls.clone())).call(server);
        Ok((Box::new(TokioIo::new(stream.await?)), None))
    }
}
