//! Which certificates are trusted, and in plain words why one is not.
//!
//! `ping` and `async-scrape` have the same file, so that each can be copied out alone.

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, InvalidMessage,
    OtherError, RootCertStore, SignatureScheme,
};
use rustls_platform_verifier::Verifier;

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
        crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
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

/// Says why there is no secure connection, and what can be done about it.
pub fn words(error: &Error) -> String {
    use CertificateError as Bad;
    let day = |time: UnixTime| {
        let time = UNIX_EPOCH + Duration::from_secs(time.as_secs());
        let text = humantime::format_rfc3339_seconds(time).to_string();
        text.split('T').next().unwrap_or_default().to_owned()
    };
    match error {
        Error::InvalidCertificate(Bad::Other(OtherError(why))) => {
            let text = why.to_string();
            match text.as_str() {
                _ if why.is::<Untrusted>() => text,
                "CaUsedAsEndEntity" => "the server shows the certificate of an authority as its \
                     own: it needs one that was not made with CA:TRUE"
                    .to_owned(),
                _ => format!("the server's certificate is not valid ({text})"),
            }
        }
        Error::InvalidCertificate(Bad::ExpiredContext { time, not_after }) => format!(
            "the server's certificate expired on {}: its owner has to renew it, or this machine's \
             clock is wrong, which says {}",
            day(*not_after),
            day(*time)
        ),
        Error::InvalidCertificate(Bad::Expired) => {
            "the server's certificate has expired: its owner \
             has to renew it, or this machine's clock is wrong"
                .to_owned()
        }
        Error::InvalidCertificate(Bad::NotValidYetContext { time, not_before }) => format!(
            "the server's certificate is valid from {} on: is this machine's clock right, which \
             says {}?",
            day(*not_before),
            day(*time)
        ),
        Error::InvalidCertificate(Bad::NotValidYet) => {
            "the server's certificate is not valid yet: is \
             this machine's clock right?"
                .to_owned()
        }
        Error::InvalidCertificate(Bad::NotValidForNameContext {
            expected,
            presented,
        }) => format!(
            "the server's certificate is not for {}, but for {}: check the name in the URL",
            expected.to_str(),
            names(presented)
        ),
        Error::InvalidCertificate(Bad::NotValidForName) => {
            "the server's certificate is for another \
             name: check the name in the URL"
                .to_owned()
        }
        Error::InvalidCertificate(Bad::UnknownIssuer) => {
            "the server's certificate is signed by an \
             authority that is not trusted here: name the authority's file with --ca, unless the \
             server leaves out a certificate between the two"
                .to_owned()
        }
        Error::InvalidCertificate(Bad::BadSignature) => "the server's certificate is signed with \
             another key than that of the authority of that name: is the file that is trusted an \
             old one?"
            .to_owned(),
        Error::InvalidCertificate(Bad::Revoked) => "the authority has revoked the server's \
             certificate: do not trust that server"
            .to_owned(),
        Error::InvalidCertificate(why) => {
            format!("the server's certificate is not valid ({why:?})")
        }
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "the server does not encrypt at \
             that port: try http:// instead of https://"
                .to_owned()
        }
        Error::AlertReceived(
            AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion,
        )
        | Error::PeerIncompatible(_) => format!(
            "the server and this program have no encryption in common, or it speaks none newer \
             than TLS 1.1 ({error})"
        ),
        Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            "the server knows no site of that name: check the name in the URL".to_owned()
        }
        other => other.to_string(),
    }
}

/// The names that a certificate is for, without the library's notation.
fn names(presented: &[String]) -> String {
    let names = presented.iter().map(|name| {
        let inner = name
            .split_once('(')
            .map_or(name.as_str(), |(_, inner)| inner);
        inner.trim_matches(['"', ')'])
    });
    let names: Vec<_> = names.take(5).collect();
    match (&names[..], presented.len()) {
        ([], _) => "no name at all".to_owned(),
        (_, 6..) => format!("{} and others", names.join(", ")),
        _ => names.join(" and "),
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
