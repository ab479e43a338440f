//! The arguments that say what becomes of the pages of a site.

use std::path::PathBuf;

use async_scrape::crawl::Warc;
use async_scrape::crawl::names::Case;
use async_scrape::crawl::store::{Earlier, Options};

/// What becomes of the pages of a site.
#[derive(Debug, clap::Args)]
pub struct Site {
    /// Continue an earlier crawl in the folder: complete pages there are not requested again
    #[arg(long, conflicts_with_all = ["urls", "timestamping"])]
    pub resume: bool,

    /// Update an earlier crawl in the folder: download only pages that have changed since (by their
    /// ETag, or else their Last-Modified)
    #[arg(long, conflicts_with = "urls")]
    pub timestamping: bool,

    /// At the end, make the links fit the files, so that the site can be read without a network.
    /// Links to pages that are not there become whole URLs, and names get the endings that browsers
    /// need (about.html). What the server sent is kept in .original, for --resume
    #[arg(long, conflicts_with = "urls")]
    pub convert_links: bool,

    /// At the end, name each link that leads to a page that failed, or to a place that its page
    /// does not have. Links to other servers are tried, too; what those link to is not
    #[arg(long, conflicts_with = "urls")]
    pub link_check: bool,

    /// Keep the requests and answers in this file, too, as web archives do (WARC 1.1, in gzip).
    /// Left out are passwords and cookies that are sent, and pages that did not arrive whole. With
    /// --resume or --timestamping, an archive that is there is added to
    #[arg(long, value_name = "FILE", conflicts_with = "urls")]
    pub warc: Option<PathBuf>,

    /// Keep names that differ only by letter case. Otherwise the second of two such names gets a
    /// hash (Index~0ff1....html), because the file systems of Windows and macOS take the two for
    /// the same
    #[arg(long, conflicts_with = "urls")]
    pub keep_case: bool,
}

impl Site {
    /// How the folder is used.
    pub fn options(&self) -> Options {
        Options {
            earlier: match (self.resume, self.timestamping) {
                (true, _) => Earlier::Resumed,
                (_, true) => Earlier::Checked,
                _ => Earlier::Replaced,
            },
            case: match self.keep_case {
                true => Case::Kept,
                false => Case::Ignored,
            },
            convert: self.convert_links,
        }
    }

    /// The archive that is wanted.
    pub fn warc(&self) -> Option<Warc> {
        Some(Warc {
            path: self.warc.clone()?,
            continues: self.options().earlier != Earlier::Replaced,
        })
    }
}
