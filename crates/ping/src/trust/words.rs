//! Why a certificate is not trusted, in plain words.

use std::time::{Duration, UNIX_EPOCH};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, OtherError};

use super::Untrusted;

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
                "certificate had invalid extensions" => "the server shows a certificate that is \
                     not for servers: it needs one that is (extendedKeyUsage=serverAuth)"
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
        Error::InvalidCertificate(
            Bad::UnsupportedSignatureAlgorithmContext { .. }
            | Bad::UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
        ) => "the server's certificate is signed in a way that this program does not know: it is \
             rare, or too old to be safe, as SHA-1 is"
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
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "the server wants a certificate of this program, which has none".to_owned()
        }
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
