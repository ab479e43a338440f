//! How the folder of a site is used.

use crate::crawl::names::Case;

/// What becomes of the files of an earlier crawl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// They are replaced.
    Replaced,
    /// Those that are whole are used again.
    Resumed,
    /// Those that are whole are used again, if their servers say that they are unchanged.
    Checked,
}

/// How a site's folder is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What becomes of the files of an earlier crawl.
    pub earlier: Earlier,
    /// Which names may belong to two files.
    pub case: Case,
    /// Whether links are replaced at the end, so that the site can be read without a network.
    pub convert: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            earlier: Earlier::Replaced,
            case: Case::Ignored,
            convert: false,
        }
    }
}
