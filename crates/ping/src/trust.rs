//! Which certificates are trusted.
//!
//! `ping` and `async-scrape` have the same file, so that each can be copied out alone.

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, ensure};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};
use rustls_platform_verifier::Verifier;
pub use words::words;

mod words;

/// A certificate that is trusted.
pub type Authority = CertificateDer<'static>;

/// Reads the certificates in a PEM file.
///
/// # Errors
/// If the file can't be read, or a certificate in it can't, or there is none.
pub fn read(file: &Path) -> Result<Vec<Authority>> {
    let name = file.display();
    let text = fs::read(file).with_context(|| format!("can't read {name}"))?;
    let all = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let all = all.with_context(|| format!("{name} is no PEM file of certificates"))?;
    ensure!(
        !all.is_empty(),
        "{name} has no certificate in it: it begins with -----BEGIN CERTIFICATE-----"
    );
    for certificate in &all {
        let added = RootCertStore::empty().add(certificate.clone());
        added.with_context(|| format!("{name} has a certificate that can't be read"))?;
    }
    Ok(all)
}

/// How a client encrypts. It trusts the authorities that the system trusts, and these.
///
/// The system's are read when the first server shows its certificate: that takes some milliseconds.
///
/// # Errors
/// If there is no version of TLS that both sides of this program can speak.
pub fn config(authorities: &[Authority]) -> Result<ClientConfig> {
    let provider = Arc::new(crypto::ring::default_provider());
    let trust = Arc::new(Trust {
        authorities: authorities.to_vec(),
        provider: Arc::clone(&provider),
        verifier: OnceLock::new(),
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        // The library calls every verifier so that is not its own. This one asks the system's.
        .dangerous()
        .with_custom_certificate_verifier(trust);
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[derive(Debug)]
struct Trust {
    authorities: Vec<Authority>,
    provider: Arc<CryptoProvider>,
    verifier: OnceLock<Result<Verifier, Error>>,
}

/// What the library has no error for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Untrusted {
    /// The certificate is signed with its own key.
    SelfSigned,
    /// What the server signed is not good for the key in its certificate.
    Key,
    /// The system has no certificates of authorities.
    NoAuthorities,
    /// The system does not say whom it trusts.
    System(String),
}

impl std::fmt::Display for Untrusted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SelfSigned => f.write_str(
                "the server's certificate is self-signed, so no authority vouches for it: if you \
                 know that it is the right one, name its file with --ca",
            ),
            Self::Key => f.write_str(
                "the server's key is too short to be safe (RSA of less than 2048 bits), or not \
                 that of its certificate",
            ),
            Self::NoAuthorities => {
                f.write_str("this system has no certificates of authorities")?;
                match std::env::var("SSL_CERT_FILE") {
                    Ok(file) => write!(f, " (SSL_CERT_FILE is {file:?})")?,
                    Err(_) => f.write_str(" (on Linux they are in the package ca-certificates)")?,
                }
                f.write_str(": name a file with --ca")
            }
            Self::System(why) => write!(f, "this system does not say whom it trusts ({why})"),
        }
    }
}

impl std::error::Error for Untrusted {}

impl From<Untrusted> for Error {
    fn from(why: Untrusted) -> Self {
        Self::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(why))))
    }
}

impl Trust {
    fn verifier(&self) -> Result<&Verifier, Error> {
        let verifier = self.verifier.get_or_init(|| {
            let (extra, provider) = (self.authorities.clone(), Arc::clone(&self.provider));
            let verifier = Verifier::new_with_extra_roots(extra, provider);
            verifier.map_err(|error| no_verifier(&error).into())
        });
        verifier.as_ref().map_err(Clone::clone)
    }

    /// Whether a certificate that nobody known has signed would be good if it were trusted itself.
    fn is_self_signed(
        &self,
        own: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> bool {
        let mut alone = RootCertStore::empty();
        let added = alone.add(own.clone().into_owned());
        let provider = Arc::clone(&self.provider);
        let verifier = WebPkiServerVerifier::builder_with_provider(alone.into(), provider).build();
        added.is_ok()
            && verifier.is_ok_and(|it| it.verify_server_cert(own, &[], name, &[], now).is_ok())
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verifier = self.verifier()?;
        match verifier.verify_server_cert(own, between, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            )) if self.is_self_signed(own, name, now) => Err(Untrusted::SelfSigned.into()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let verified = crypto::verify_tls12_signature(message, certificate, signed, algorithms);
        verified.map_err(of_key)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let verified = crypto::verify_tls13_signature(message, certificate, signed, algorithms);
        verified.map_err(of_key)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

/// Tells what the server signed from what its authority signed.
fn of_key(error: Error) -> Error {
    match error {
        Error::InvalidCertificate(CertificateError::BadSignature) => Untrusted::Key.into(),
        other => other,
    }
}

/// Why the system can't be asked about a server's certificate.
fn no_verifier(error: &Error) -> Untrusted {
    match error {
        // The library has no error of its own for it. On Windows the words are the system's.
        Error::General(why) if why.starts_with("No CA certificates") => Untrusted::NoAuthorities,
        Error::General(why) => Untrusted::System(why.clone()),
        other => Untrusted::System(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_that_does_not_say_whom_it_trusts_is_not_said_to_trust_nobody() {
        let told = |why: &str| no_verifier(&Error::General(why.to_owned())).to_string();
        let nobody = told("No CA certificates were loaded from the system");
        assert!(nobody.contains("has no certificates"), "{nobody}");
        let why = "Invalid argument. (os error -2147024809)";
        let words = format!("this system does not say whom it trusts ({why})");
        assert_eq!(told(why), words);
    }
}
