//! Why there is no answer.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::iter::successors;
use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, LOCATION, TRANSFER_ENCODING};
use reqwest::{Response, Url};

use super::guard::Private;
use super::lenient::chunks;
use crate::proxies::Proxies;

/// Why there is no answer, or not all of its body.
#[derive(Debug)]
pub enum Lost {
    /// The server sent nothing for this long.
    TimedOut(Duration),
    /// The request failed.
    Failed(reqwest::Error),
    /// The answer can't be read, but the next one will be repaired.
    ToBeRepaired(reqwest::Error),
    /// The request can't succeed until somebody does what is said here.
    Told(String),
}

/// What is to be done about a server whose answers the library refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cure {
    /// Its answers have more headers than usual.
    MoreHeaders,
    /// Its answers have to be repaired.
    Repair,
}

impl Cure {
    /// What may help against this error: the library could not read the answer's head.
    pub fn of(error: &reqwest::Error) -> Option<Self> {
        let mut refusals = causes(error).filter_map(|cause| cause.downcast_ref::<hyper::Error>());
        let refusal = refusals.find(|cause| cause.is_parse())?;
        Some(match refusal.is_parse_too_large() {
            true => Self::MoreHeaders,
            false => Self::Repair,
        })
    }

    /// This, and what is left if it does not help: more headers than usual hide what else is odd.
    pub fn and_more(self) -> impl Iterator<Item = Self> {
        let more = (self == Self::MoreHeaders).then_some(Self::Repair);
        [self].into_iter().chain(more)
    }
}

/// Whether the library misunderstood an answer: it leaves out headers that it can't read, and of a
/// body in chunks it wants to be told in one way only.
pub fn lacks_something(response: &Response) -> bool {
    let headers = response.headers();
    let is_redirect = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let codings = headers.get_all(TRANSFER_ENCODING);
    let mut each = codings.iter();
    let has_chunks = each.any(|coding| chunks::are_named(coding.as_bytes()));
    let last = codings.iter().next_back();
    let last = last.and_then(|coding| coding.as_bytes().rsplit(|&byte| byte == b',').next());
    let is_known = last.is_some_and(|last| last.trim_ascii().eq_ignore_ascii_case(b"chunked"));
    is_redirect && !headers.contains_key(LOCATION) || has_chunks && !is_known
}

/// The causes of an error, the nearest first.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    successors(error.source(), |&cause| {
        // An error that an I/O error wraps is not its source.
        let io = cause.downcast_ref::<io::Error>();
        let wrapped = io.and_then(io::Error::get_ref);
        wrapped.map_or_else(|| cause.source(), |inner| Some(inner))
    })
}

/// The I/O errors among the causes.
fn io_causes(error: &reqwest::Error) -> impl Iterator<Item = &io::Error> {
    causes(error).filter_map(|cause| cause.downcast_ref())
}

/// Whether the server closed the connection instead of an answer.
pub fn is_hung_up(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        let http = cause.downcast_ref::<hyper::Error>();
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        http.is_some_and(hyper::Error::is_incomplete_message)
            || matches!(io, Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe))
    })
}

/// Whether a body is whole, and only what stands behind its last chunk can't be read.
pub fn is_whole(error: &reqwest::Error) -> bool {
    io_causes(error).any(|cause| {
        let text = cause.to_string().to_lowercase();
        cause.kind() == ErrorKind::InvalidInput && text.starts_with("invalid header")
            || text.starts_with("chunk trailers")
    })
}

/// Whether a body ended that nothing but its connection can end, and the server closed that without
/// the notice of TLS that it is at its end. Browsers take the page then.
pub fn ends_without_notice(error: &reqwest::Error, response: &Response) -> bool {
    let headers = response.headers();
    let is_told = headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
    // Where chunks are joined here, the head says nothing of them. But then this is another error.
    !is_told && io_causes(error).any(|cause| cause.to_string().contains("close_notify"))
}

/// Whether a body ended before its length.
pub fn is_short(lost: &Lost) -> bool {
    let Lost::Failed(error) = lost else {
        return false;
    };
    io_causes(error).any(|cause| cause.kind() == ErrorKind::UnexpectedEof)
}

/// Whether a body comes in chunks whose lines can't be read.
pub fn has_odd_chunks(error: &reqwest::Error) -> bool {
    io_causes(error).any(|cause| {
        let text = cause.to_string().to_lowercase();
        // And where the connection ends instead of such a line: perhaps behind the last chunk.
        text.starts_with("invalid chunk")
            || text.starts_with("chunk extensions")
            || text.contains("during chunk size")
    })
}

impl Lost {
    /// Why there is no answer to a request for this URL.
    pub fn of(error: reqwest::Error, url: &Url, proxies: &Proxies) -> Self {
        let told = causes(&error).find_map(|cause| {
            #[cfg(feature = "https")]
            if let Some(tls) = cause.downcast_ref() {
                return Some(crate::trust::words(tls));
            }
            Some(cause.downcast_ref::<Private>()?.to_string())
        });
        match told.or_else(|| proxies.words(url, &error)) {
            Some(words) => Self::Told(words),
            None => error.into(),
        }
    }

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
            Self::Told(words) => f.write_str(words),
            Self::Failed(error) | Self::ToBeRepaired(error) => match in_words(error) {
                Some(words) => f.write_str(&words),
                None => error.fmt(f),
            },
        }
    }
}

/// What went wrong in plain words, and behind them the last cause in those of the system or the
/// library.
fn in_words(error: &reqwest::Error) -> Option<String> {
    let of_system = io_causes(error).find_map(|cause| {
        Some(match cause.kind() {
            ErrorKind::ConnectionRefused => "the server refuses connections",
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                "the server broke the connection off"
            }
            ErrorKind::UnexpectedEof => "the page was cut short",
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => "no way leads there",
            _ => return None,
        })
    });
    let words = of_system.or_else(|| {
        let mut http = causes(error).filter_map(|cause| cause.downcast_ref::<hyper::Error>());
        http.find_map(|error| match () {
            () if error.is_parse_too_large() => Some("the answer's head is too long"),
            () if error.is_parse() => Some("the answer is not HTTP"),
            () if error.is_incomplete_message() => {
                Some("the connection ended before the answer did")
            }
            () => None,
        })
    });
    let words = words.or_else(|| match () {
        () if has_odd_chunks(error) => Some("the page's chunks can't be read"),
        // The resolver's error has no public type.
        () if causes(error).any(|cause| cause.to_string() == "dns error") => {
            Some("that name has no address")
        }
        () if error.is_connect() && error.is_timeout() => Some("no connection in time"),
        () => None,
    });
    let cause = causes(error).last()?;
    Some(format!("{} ({cause})", words?))
}

impl Error for Lost {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TimedOut(_) | Self::Told(_) => None,
            // Its last cause is told already.
            Self::Failed(error) | Self::ToBeRepaired(error) if in_words(error).is_some() => None,
            Self::Failed(error) | Self::ToBeRepaired(error) => error.source(),
        }
    }
}

impl From<reqwest::Error> for Lost {
    fn from(error: reqwest::Error) -> Self {
        // The URL is reported beside the error.
        Self::Failed(error.without_url())
    }
}
