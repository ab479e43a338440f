//! No page leads a crawl into the user's own network.
//!
//! A page on the internet may link or redirect to an address that only this machine can reach: a
//! router, a printer, a cloud's metadata at 169.254.169.254. Such an address is refused, unless the
//! user named that host. The address that is checked is the one that is connected to: a name that
//! has another address the next time (DNS rebinding) gains nothing.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use reqwest::Url;
use reqwest::dns::{Addrs, Resolve, Resolving};
use tokio::task::spawn_blocking;
use tower_service::Service;

/// Looks up the addresses of a name, and blocks meanwhile.
pub type Lookup = fn(&str) -> io::Result<Vec<IpAddr>>;

/// Asks the system for the addresses of a name.
///
/// # Errors
/// If it has none.
pub fn system(name: &str) -> io::Result<Vec<IpAddr>> {
    let found = (name, 0).to_socket_addrs()?;
    Ok(found.map(|address| address.ip()).collect())
}

/// Which addresses may be connected to. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Guard(Arc<Rules>);

#[derive(Debug)]
struct Rules {
    lookup: Lookup,
    /// Whether every address is allowed.
    private: bool,
    /// The hosts that the user named.
    named: HashSet<String>,
    /// Whether the first addresses of a host that the user named were private.
    first: Mutex<HashMap<String, bool>>,
}

/// Why a host is not asked.
#[derive(Debug)]
pub struct Private {
    host: String,
    address: IpAddr,
}

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, address } = self;
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(_) => write!(f, "{address} is a private address")?,
            Err(_) => write!(f, "{host} has the private address {address}")?,
        }
        f.write_str(", to which no page may lead: --allow-private allows it")
    }
}

impl Error for Private {}

impl Guard {
    /// A guard that lets a crawl reach these hosts, and all that are public.
    pub fn new(lookup: Lookup, private: bool, named: impl IntoIterator<Item = String>) -> Self {
        Self(Arc::new(Rules {
            lookup,
            private,
            named: named.into_iter().collect(),
            first: Mutex::default(),
        }))
    }

    /// Checks a URL whose host is an address. A name is checked when it is looked up.
    ///
    /// # Errors
    /// If the address is private, and the user did not name it.
    pub fn check(&self, url: &Url) -> Result<(), Private> {
        let host = url.host_str().unwrap_or_default();
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address)
                if is_private(address) && !self.0.private && !self.0.named.contains(host) =>
            {
                let host = host.to_owned();
                Err(Private { host, address })
            }
            _ => Ok(()),
        }
    }

    /// Looks up the addresses to which a connection may be made.
    ///
    /// # Errors
    /// If the name has none, or only private ones that are not allowed.
    fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Box<dyn Error + Send + Sync>> {
        let found = (self.0.lookup)(host)?;
        if self.0.private {
            return Ok(found);
        }
        let is_named = self.0.named.contains(host.trim_end_matches('.'));
        if is_named && !found.is_empty() {
            // A name that was public at first does not become private in the middle of a crawl.
            let mut first = self.0.first.lock().unwrap_or_else(PoisonError::into_inner);
            let all_private = found.iter().copied().all(is_private);
            if *first.entry(host.to_owned()).or_insert(all_private) {
                return Ok(found);
            }
        }
        let (private, public): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|address| is_private(*address));
        match (&public[..], private.first()) {
            ([], Some(&address)) => Err(Box::new(Private {
                host: host.to_owned(),
                address,
            })),
            _ => Ok(public),
        }
    }

    /// [`Guard::addresses`], on the runtime's pool for blocking calls.
    fn resolving(&self, host: String) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = spawn_blocking(move || guard.addresses(&host)).await??;
            // The library replaces port 0 by the URL's.
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}

/// For the library's client.
impl Resolve for Guard {
    fn resolve(&self, name: reqwest::dns::Name) -> Resolving {
        self.resolving(name.as_str().to_owned())
    }
}

/// For connections without the library's client.
impl Service<Name> for Guard {
    type Response = Addrs;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Addrs, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        self.resolving(name.as_str().to_owned())
    }
}

/// Whether an address is not one of the public internet: this machine's, this network's, or none
/// ([the registries](https://www.iana.org/assignments/iana-ipv4-special-registry) of IANA).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => is_private_v4(inner),
            None => {
                // Of IPv6 only 2000::/3 is assigned to the internet. 64:ff9b:1::/48, site-local
                // addresses and all others of no use outside are not in it.
                address.segments()[0] & 0xe000 != 0x2000
            }
        },
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || a == 0
        // The addresses of a provider's customers, protocol assignments, and benchmarks.
        || a == 100 && b & 0xc0 == 64
        || (a, b, c) == (192, 0, 0)
        || a == 198 && b & 0xfe == 18
        // Reserved, and broadcast.
        || a >= 240
}

/// The IPv4 address to which an IPv6 address leads: mapped (`::ffff:0:0/96`), compatible (`::/96`),
/// translated (`64:ff9b::/96`), or by 6to4 (`2002::/16`).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0 | 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => Some(of(g, h)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
