//! What to make of a server's answer.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Error, Result, anyhow};
use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};

use super::address;
use crate::client;

/// The longest time that a server may ask to be left alone; for longer than that, a page is lost.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Why there is no page.
#[derive(Debug)]
pub struct Trouble {
    /// The cause.
    pub error: Error,
    /// Whether to ask again may help.
    pub again: Again,
}

/// When to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It would not help.
    Never,
    /// After a while.
    Later,
    /// The server wants to be left alone for that long, or for a while.
    Pause(Option<Duration>),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self {
            error,
            again: Again::Never,
        }
    }
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        let again = if client::may_pass(&error) {
            Again::Later
        } else {
            Again::Never
        };
        // The URL is told beside it.
        Self {
            error: error.without_url().into(),
            again,
        }
    }
}

/// The page is somewhere else: where.
///
/// # Errors
/// If the answer says so, but not where.
pub fn elsewhere(response: &Response, url: &Url) -> Result<Option<Url>> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response
        .headers()
        .get(LOCATION)
        .context("it redirects nowhere")?;
    // Some send UTF-8, and most of what is no ASCII is meant so.
    let location = String::from_utf8_lossy(location.as_bytes());
    let target = url
        .join(&location)
        .with_context(|| format!("it redirects to {location:?}"))?;
    let target =
        address::clean_link(target).with_context(|| format!("it redirects to {location}"))?;
    Ok(Some(target))
}

/// A page, or why it is none.
///
/// # Errors
/// If the status says that this is no page.
pub fn page(response: Response) -> Result<Response, Trouble> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let again = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Again::Pause(wait(&response))
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            Again::Later
        }
        _ => Again::Never,
    };
    let error = match again {
        Again::Pause(Some(wait)) if wait > PATIENCE => anyhow!(
            "the server answers {status}, and wants to be left alone for {} s",
            wait.as_secs()
        ),
        _ => anyhow!("the server answers {status}"),
    };
    Err(Trouble { error, again })
}

/// `Retry-After`: seconds, or a date.
fn wait(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(value).ok()?;
            Some(date.duration_since(SystemTime::now()).unwrap_or_default())
        }
    }
}

/// What the server says it is.
pub fn content_type(response: &Response) -> String {
    let value = response.headers().get(CONTENT_TYPE);
    value.map_or_else(String::new, |value| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    })
}
