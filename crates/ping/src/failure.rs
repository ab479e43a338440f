//! A ping that failed, in words: the kind of failure, then the whole chain of causes.

use std::error::Error;
use std::fmt;
use std::io;
use std::iter::successors;

#[cfg(feature = "https")]
use crate::trust;

/// The kinds of failure, in the order in which a request meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The text is no URL, or its scheme is not http or https.
    Url,
    /// The system has no more threads.
    Thread,
    /// The name has no address.
    Dns,
    /// No server listens at that port.
    Refused,
    /// No connection in time.
    ConnectTimeout,
    /// No connection, for another reason.
    Connect,
    /// The proxy can't be reached, or refuses to help.
    Proxy,
    /// There was a connection, but no agreement on its encryption, or the certificate is not
    /// trusted.
    Tls,
    /// No complete answer in time.
    Timeout,
    /// The other side broke the connection off.
    Reset,
    /// The answer ended before its end.
    CutShort,
    /// What came is not HTTP.
    NotHttp,
    /// There were more redirects than are followed.
    Redirects,
    /// Something else.
    Other,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Url => "not a URL to ping",
            Self::Thread => "no thread to ping with",
            Self::Dns => "no address for this name",
            Self::Refused => "connection refused",
            Self::ConnectTimeout => "no connection in time",
            Self::Connect => "no connection",
            Self::Proxy => "not let through",
            Self::Tls => "no secure connection",
            Self::Timeout => "no complete answer in time",
            Self::Reset => "connection reset",
            Self::CutShort => "answer cut short",
            Self::NotHttp => "not an HTTP answer",
            Self::Redirects => "too many redirects",
            Self::Other => "not answered",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// A ping that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind of failure.
    pub kind: Kind,
    /// The last cause, in the words of the system or of a library.
    pub cause: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.kind, self.cause)
    }
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: Kind, cause: impl Into<String>) -> Self {
        // Each ping is one line: text from a server must not break it.
        let cause = cause.into().replace(char::is_control, " ");
        Self { kind, cause }
    }

    /// The failure of a text that is no URL.
    pub fn not_a_url(text: &str, error: &dyn Error) -> Self {
        match text.contains("://") {
            true if text.contains('[') && text.contains('%') => Self::new(
                Kind::Url,
                "a zone, as in %eth0, can't stand in a URL: it has a meaning on one machine only",
            ),
            true => Self::new(Kind::Url, error.to_string()),
            false => Self::no_scheme(text),
        }
    }

    /// The failure of a text without `http://` before it.
    pub fn no_scheme(text: &str) -> Self {
        Self::new(Kind::Url, format!("no scheme: try http://{text}"))
    }

    /// The failure of a URL with another scheme.
    pub fn scheme(scheme: &str) -> Self {
        let cause = format!("the scheme is {scheme}, and only http and https can be pinged");
        Self::new(Kind::Url, cause)
    }

    /// The failure of an https URL in a build without https.
    pub fn no_tls() -> Self {
        let cause = "this program was built without https: build it with --features https";
        Self::new(Kind::Tls, cause)
    }

    /// The failure of a ping for which the system had no thread.
    pub fn no_thread(error: &io::Error) -> Self {
        Self::new(Kind::Thread, error.to_string())
    }

    /// The end of a body that ends with its connection, if this is no other failure: some servers
    /// close it without the notice of TLS that it is at its end. Browsers take the page then.
    ///
    /// # Errors
    /// If it is another failure.
    pub fn at_end<T: Default>(self, ends_with_connection: bool) -> Result<T, Self> {
        match self.kind {
            Kind::CutShort if ends_with_connection => Ok(T::default()),
            _ => Err(self),
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let kind = kind_of(&error);
        #[cfg(feature = "https")]
        if let Some(words) = tls_words(&error) {
            return Self::new(kind, words);
        }
        // The others only say through which part of the library it came, and the outermost names
        // the URL, which is printed anyway.
        let last = successors(error.source(), |&cause| cause.source()).last();
        let cause = last.map(ToString::to_string);
        Self::new(
            kind,
            cause.unwrap_or_else(|| error.without_url().to_string()),
        )
    }
}

/// Errors of a body that is read through `io::Read` are wrapped in an I/O error.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.downcast::<reqwest::Error>() {
            Ok(error) => error.into(),
            Err(error) => Self::new(kind_of(&error), error.to_string()),
        }
    }
}

/// What went wrong with the encryption, in plain words.
#[cfg(feature = "https")]
fn tls_words(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(tls) = cause.downcast_ref() {
            return Some(trust::words(tls));
        }
        // An error that an I/O error wraps is not its source, so the chain would not visit it.
        let io = cause.downcast_ref::<io::Error>();
        let wrapped = io.and_then(io::Error::get_ref);
        next = wrapped.map_or_else(|| cause.source(), |inner| Some(inner));
    }
    None
}

fn kind_of(error: &(dyn Error + 'static)) -> Kind {
    let outer = error.downcast_ref::<reqwest::Error>();
    let is = |test: fn(&reqwest::Error) -> bool| outer.is_some_and(test);
    if is(reqwest::Error::is_redirect) {
        return Kind::Redirects;
    }
    if is(reqwest::Error::is_timeout) {
        return if is(reqwest::Error::is_connect) {
            Kind::ConnectTimeout
        } else {
            Kind::Timeout
        };
    }
    if is(reqwest::Error::is_builder) {
        return Kind::Url;
    }
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(kind) = kind_of_one(cause) {
            return kind;
        }
        next = cause.source();
    }
    if is(reqwest::Error::is_connect) {
        Kind::Connect
    } else {
        Kind::Other
    }
}

/// The kind that one link of the chain of causes stands for, without the links behind it.
fn kind_of_one(error: &(dyn Error + 'static)) -> Option<Kind> {
    if let Some(io) = error.downcast_ref::<io::Error>() {
        // An error that an I/O error wraps is not its source, so the chain would not visit it.
        let wrapped = io.get_ref().map(|inner| inner as &(dyn Error + 'static));
        if let Some(kind) = wrapped.and_then(kind_of_one) {
            return Some(kind);
        }
        return match io.kind() {
            io::ErrorKind::ConnectionRefused => Some(Kind::Refused),
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Some(Kind::Reset),
            io::ErrorKind::UnexpectedEof => Some(Kind::CutShort),
            _ => None,
        };
    }
    #[cfg(feature = "https")]
    if error.is::<rustls::Error>() {
        return Some(Kind::Tls);
    }
    if let Some(http) = error.downcast_ref::<hyper::Error>() {
        if http.is_parse() {
            return Some(Kind::NotHttp);
        }
        if http.is_incomplete_message() {
            return Some(Kind::CutShort);
        }
    }
    // The resolver's error has no public type.
    (error.to_string() == "dns error").then_some(Kind::Dns)
}
