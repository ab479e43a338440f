//! What becomes of a page: all that differs between the download of a list and of a site.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;
use reqwest::{Response, Url};

use super::answer::{Answer, Failure};
use super::index::Entry;
use crate::file::Destination;

/// Where the files of a crawl go, and what becomes of its pages.
pub trait Output: Send + Sync {
    /// Returns where the file of this page goes.
    ///
    /// # Errors
    /// If the page is not one of this output.
    fn destination(&self, url: &Url) -> Result<Destination>;

    /// Decides what a server's answer means: a page, a redirect, or a failure.
    ///
    /// # Errors
    /// If the answer is neither a page nor a redirect.
    fn judge(&self, response: Response, url: &Url) -> Result<Answer, Failure>;

    /// Whether a redirect is followed at once, into the file of the page that redirects. If not,
    /// its target is a page of its own.
    fn follows_redirects(&self) -> bool;

    /// Whether pages are searched for a title and links.
    fn is_searched(&self) -> bool;

    /// Whether a page that an earlier crawl downloaded is requested again, unless it is unchanged.
    fn checks_again(&self) -> bool {
        false
    }

    /// Returns what an earlier crawl noted of this page, and its file, if that file is whole.
    fn earlier(&self, url: &Url) -> Option<(Entry, PathBuf)>;

    /// Writes down what became of a page.
    ///
    /// # Errors
    /// If the disk takes no more.
    fn note(&self, entry: &Entry) -> Result<()>;

    /// Ends the crawl.
    ///
    /// # Errors
    /// If what is known of the pages can't be written.
    fn close(self: Box<Self>, ending: &Ending<'_>) -> Result<()>;
}

/// How a crawl ended.
#[derive(Debug)]
pub struct Ending<'e> {
    /// The pages at which it began.
    pub seeds: &'e [Url],
    /// Whether every page was requested that the limits allow.
    pub complete: bool,
    /// The links that lead to servers of other shards.
    pub elsewhere: &'e BTreeSet<String>,
}
