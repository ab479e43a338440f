//! `index.json`: what became of each page.

use std::fs;
use std::io::{BufWriter, IntoInnerError, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::client::Validators;
use crate::file::{Destination, Part};

/// What became of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Where the page is.
    pub url: String,
    /// The status of the server's answer, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The path of its file below the folder, with `/` on every system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The text of its `<title>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The length of the file.
    pub bytes: u64,
    /// How many different pages it links to, on any server.
    pub links: usize,
    /// When its download ended (UTC).
    pub at: String,
    /// How long the download took, in milliseconds, without earlier tries that failed.
    pub ms: u64,
    /// The `Content-Type` of the server's answer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content_type: String,
    /// The page that it redirects to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Why it was not requested, or its redirect not followed. This is no failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// Where a `Refresh` header leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<String>,
    /// By what its server recognises that it is unchanged.
    #[serde(flatten)]
    pub validators: Validators,
    /// Whether it asks not to follow its links.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub nofollow: bool,
    /// What its user should know of its file. This is no failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Why it could not be downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The contents of `index.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Index {
    /// The pages at which the crawl began.
    pub from: Vec<String>,
    /// Whether every page was requested that the limits allow.
    pub complete: bool,
    /// What became of each page, in the order of their URLs. The last field: see `Index::write`.
    pub pages: Vec<Entry>,
}

impl Index {
    /// Reads the index in this folder; `None` if there is none.
    ///
    /// # Errors
    /// If it can't be read, or is not the index of a crawl.
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

    /// Writes this index with these pages, which are JSON already. Each is a line of the file.
    ///
    /// `self.pages` is empty: all pages of a long crawl at once would need too much memory.
    ///
    /// # Errors
    /// If the file can't be written, or a page can't be read.
    pub(super) fn write(
        &self,
        destination: &Destination,
        pages: impl Iterator<Item = Result<Vec<u8>>>,
    ) -> Result<()> {
        let cant = || format!("can't write {}", destination.path.display());
        let text = serde_json::to_string(self).context("an index")?;
        let before = text
            .strip_suffix("]}")
            .context("the pages are not the last field")?;
        let mut out = BufWriter::new(Part::new(destination)?);
        out.write_all(before.as_bytes()).with_context(cant)?;
        let mut comma = "\n";
        for page in pages {
            out.write_all(comma.as_bytes()).with_context(cant)?;
            out.write_all(page?.trim_ascii_end()).with_context(cant)?;
            comma = ",\n";
        }
        out.write_all(b"\n]}\n").with_context(cant)?;
        let part = out.into_inner().map_err(IntoInnerError::into_error);
        part.with_context(cant)?.finish()?;
        Ok(())
    }
}

/// Reads what earlier crawls noted: the index of one that ended, the journal of one that did not.
pub(super) fn earlier(folder: &Path, journal: &Path) -> Result<Vec<Entry>> {
    let mut entries = Index::read(folder)?.map_or_else(Vec::new, |index| index.pages);
    let lines = fs::read(journal).with_context(|| format!("can't read {}", journal.display()))?;
    // A line that can't be read was torn when its process was killed.
    entries.extend(
        lines
            .split(|&b| b == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok()),
    );
    Ok(entries)
}
