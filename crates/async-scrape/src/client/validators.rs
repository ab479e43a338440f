//! By what a server recognises that a page is unchanged
//! ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-13), 13).

use reqwest::header::{
    ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use serde::{Deserialize, Serialize};

/// By what a server recognises that a page is unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The version of the page, in the server's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When the page was changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Validators {
    /// Those of an answer.
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name)?.to_str().map(str::to_owned).ok();
        Self {
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
        }
    }

    /// Makes a request one that wants the page only if it was changed.
    pub fn add_to(&self, headers: &mut HeaderMap) {
        let mut add = |name: HeaderName, value: &Option<String>| {
            if let Some(Ok(value)) = value.as_deref().map(HeaderValue::from_str) {
                headers.insert(name, value);
            }
        };
        add(IF_NONE_MATCH, &self.etag);
        add(IF_MODIFIED_SINCE, &self.last_modified);
    }
}
