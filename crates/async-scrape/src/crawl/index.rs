//! What became of each page, as it is written down.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// What became of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Where it is.
    pub url: String,
    /// What the server answered, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Its file, from the folder on, with `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How long the file is.
    pub bytes: u64,
    /// How many different pages it links to, of any server.
    pub links: usize,
    /// When it was done (UTC).
    pub at: String,
    /// How long it took, in milliseconds, with all tries.
    pub ms: u64,
    /// The server's word on what it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content_type: String,
    /// Where it redirects to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Why it was not asked for, or not followed: that is as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// Why it was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What `index.json` says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Index {
    /// Where the crawl began.
    pub from: Vec<String>,
    /// Whether all was asked for that the limits allow.
    pub complete: bool,
    /// What became of each page, in the order of their URLs.
    pub pages: Vec<Entry>,
}

impl Index {
    /// Reads the one in this folder; `None` if there is none.
    ///
    /// # Errors
    /// If it can't be read, or is of something else.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join("index.json");
        if !path.exists() {
            return Ok(None);
        }
        let read = fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
        let index = serde_json::from_slice(&read);
        index.map(Some).with_context(|| {
            format!(
                "{} is not of a crawl: start without --resume",
                path.display()
            )
        })
    }
}

/// What is known from before: the index of a crawl that ended, and the journal of one that did not.
pub(super) fn earlier(folder: &Path, journal: &Path) -> Result<Vec<Entry>> {
    let mut entries = Index::read(folder)?.map_or_else(Vec::new, |index| index.pages);
    let lines = fs::read(journal).with_context(|| format!("can't read {}", journal.display()))?;
    // The last line may be torn.
    entries.extend(
        lines
            .split(|&b| b == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok()),
    );
    Ok(entries)
}
