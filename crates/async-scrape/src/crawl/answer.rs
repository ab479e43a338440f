//! What a server's answer means: a page, a redirect, or a failure that a retry may mend.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Error, Result, anyhow, bail};
use percent_encoding::{AsciiSet, percent_encode};
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION, REFRESH, RETRY_AFTER, TRANSFER_ENCODING,
};
use reqwest::{Response, StatusCode, Url};

use super::{address, links};
use crate::client::Lost;

/// The longest back-off that is waited for. A page whose server asks for a longer one has failed.
pub const LONGEST_BACK_OFF: Duration = Duration::from_secs(120);

/// An answer that is no failure.
#[derive(Debug)]
pub enum Answer {
    /// A page; its body is still to be received.
    Page(Response),
    /// The page is at another URL.
    Redirect(Url),
}

/// Why there is no page.
#[derive(Debug)]
pub struct Failure {
    /// The cause.
    pub error: Error,
    /// Whether a retry may help.
    pub retry: Retry,
}

/// When a request that failed is to be retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Never: it would not help.
    Never,
    /// Once more, in another way. This is no retry: with none allowed it is done, too.
    Otherwise,
    /// After a back-off of this page alone.
    Later,
    /// After a back-off of the whole server, which may say how long (`Retry-After`).
    ServerBackOff(Option<Duration>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            retry: Retry::Never,
        }
    }
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Self {
        let retry = match lost {
            Lost::ToBeRepaired(_) => Retry::Otherwise,
            _ if lost.is_transient() => Retry::Later,
            _ => Retry::Never,
        };
        Self {
            error: lost.into(),
            retry,
        }
    }
}

/// Returns the target of a redirect; `None` if the answer is none.
///
/// # Errors
/// If the answer is a redirect without a usable target.
pub fn redirect(response: &Response, url: &Url) -> Result<Option<Url>> {
    let location = match (response.status().as_u16(), response.headers().get(LOCATION)) {
        (301 | 302 | 303 | 307 | 308, None) => bail!("it redirects nowhere"),
        // A server that offers a choice may prefer one of its pages. Browsers don't go there, and
        // wget does.
        (300 | 301 | 302 | 303 | 307 | 308, Some(location)) => text(location),
        _ => return Ok(None),
    };
    let target = url.join(&location).map_err(Error::from);
    let target = target.and_then(|target| Ok(address::clean_link(target)?));
    target
        .map(Some)
        .with_context(|| format!("it redirects to {location:?}"))
}

/// The text of a header with a URL. It should be ASCII. Of other bytes, those that are no UTF-8 are
/// percent-encoded one by one: a server that sent them raw wants them back.
fn text(header: &HeaderValue) -> Cow<'_, str> {
    let bytes = header.as_bytes();
    match str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => percent_encode(bytes, &AsciiSet::EMPTY).into(),
    }
}

/// The length of a body whose server says both that it is not in chunks and how long it is. The
/// HTTP library would wait for the end of the connection.
pub fn length(response: &Response) -> Option<u64> {
    let headers = response.headers();
    let coding = headers.get(TRANSFER_ENCODING)?.to_str().ok()?;
    let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    let is_whole = coding.trim().eq_ignore_ascii_case("identity");
    length.parse().ok().filter(|_| is_whole)
}

/// Whether a header asks this program not to follow the page's links.
pub fn says_nofollow(response: &Response, agent: &str) -> bool {
    let headers = response.headers().get_all("x-robots-tag").iter();
    let mut headers = headers.map(|header| String::from_utf8_lossy(header.as_bytes()));
    headers.any(|header| links::header_says_nofollow(&header, agent))
}

/// The URL in a `Refresh` header, which is no standard, and which browsers obey.
pub fn refresh(response: &Response) -> Option<String> {
    let header = response.headers().get(REFRESH)?;
    Some(links::refresh(&text(header))?.to_owned())
}

/// Passes on an answer whose status says that the request succeeded.
///
/// # Errors
/// If the status says that it failed.
pub fn successful(response: Response) -> Result<Response, Failure> {
    let status = response.status();
    // A choice without a `Location` is a page with links.
    if status.is_success() || status == StatusCode::MULTIPLE_CHOICES {
        return Ok(response);
    }
    let retry = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Retry::ServerBackOff(retry_after(&response))
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            Retry::Later
        }
        _ => Retry::Never,
    };
    let error = match retry {
        Retry::ServerBackOff(Some(wait)) if wait > LONGEST_BACK_OFF => anyhow!(
            "the server answers {status}, and wants to be left alone for {} s",
            wait.as_secs()
        ),
        _ => anyhow!("the server answers {status}"),
    };
    Err(Failure { error, retry })
}

/// Reads `Retry-After`, which is a number of seconds or a date.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(value).ok()?;
            Some(date.duration_since(SystemTime::now()).unwrap_or_default())
        }
    }
}

/// The `Content-Type` of an answer, empty if there is none. Of several, the last one counts that is
/// a type, as in browsers.
pub fn content_type(response: &Response) -> String {
    let headers = response.headers();
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let last = values.rfind(|value| value.as_bytes().contains(&b'/'));
    let value = last.or_else(|| headers.get(CONTENT_TYPE));
    value.map_or_else(String::new, |value| match value.to_str() {
        Ok(text) => text.to_owned(),
        // It may be printed: it must not command a terminal.
        Err(_) => String::from_utf8_lossy(value.as_bytes()).replace(char::is_control, " "),
    })
}
