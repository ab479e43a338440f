//! An authority of the tests' own, and servers that speak TLS.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::raw;

/// An authority that nobody trusts yet.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        Self::called("an authority")
    }

    pub fn called(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Its certificate, for whoever is to trust it.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Signs a certificate for these names, after `change`.
    pub fn sign(&self, names: &[&str], change: impl Fn(&mut CertificateParams)) -> ServerConfig {
        let mut params = params(names);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        config(&certificate, &key)
    }

    /// The same, for a server that asks its guests for certificates that this authority has signed.
    pub fn sign_for_members(&self, names: &[&str]) -> ServerConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let members = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
        let key = KeyPair::generate().unwrap();
        let certificate = params(names).signed_by(&key, &self.0).unwrap();
        config_for(members.build().unwrap(), &certificate, &key)
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names = names.iter().map(|name| (*name).to_owned());
    CertificateParams::new(names.collect::<Vec<_>>()).unwrap()
}

/// A certificate that is signed with its own key, and its PEM.
pub fn self_signed(
    names: &[&str],
    change: impl Fn(&mut CertificateParams),
) -> (ServerConfig, String) {
    let (mut params, key) = (params(names), KeyPair::generate().unwrap());
    change(&mut params);
    let certificate = params.self_signed(&key).unwrap();
    (config(&certificate, &key), certificate.pem())
}

pub fn expired(params: &mut CertificateParams) {
    params.not_after = date_time_ymd(2020, 2, 29);
}

pub fn not_yet(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2999, 12, 31);
}

pub fn for_clients(params: &mut CertificateParams) {
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
}

pub fn authority(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

fn config(certificate: &rcgen::Certificate, key: &KeyPair) -> ServerConfig {
    config_for(WebPkiClientVerifier::no_client_auth(), certificate, key)
}

fn config_for(
    guests: Arc<dyn ClientCertVerifier>,
    certificate: &rcgen::Certificate,
    key: &KeyPair,
) -> ServerConfig {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_client_cert_verifier(guests);
    let chain = vec![certificate.der().clone()];
    builder.with_single_cert(chain, key).unwrap()
}

/// Starts a server that answers the head of each request with these bytes, and closes the
/// connection.
pub fn serve(
    config: ServerConfig,
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> SocketAddr {
    serve_until(config, |tls| tls.send_close_notify(), answer)
}

/// The same, but before it closes the connection, it does this.
pub fn serve_until(
    config: ServerConfig,
    end: fn(&mut ServerConnection),
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> SocketAddr {
    let config = Arc::new(config);
    raw(move |stream| {
        let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(tls, stream);
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            // A guest that does not trust the certificate leaves here.
            if !stream.read(&mut byte).is_ok_and(|read| read == 1) {
                return;
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let _ = stream.write_all(&answer(&head));
        end(&mut stream.conn);
        let _ = stream.flush();
    })
}
