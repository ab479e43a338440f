//! What servers sent of the pages whose files were changed (`--convert-links`). A resumed crawl
//! searches these bodies, and not the changed files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::names::unique;
use crate::file::{is_link, is_whole};

/// The folder of the originals. A URL never becomes a name that begins with a dot.
const FOLDER: &str = ".original";

/// The originals of a crawl.
#[derive(Debug)]
pub struct Originals {
    folder: PathBuf,
    /// Whether an earlier crawl left some.
    pub are_there: bool,
}

impl Originals {
    /// The originals in the folder of a crawl. With `fresh`, those of earlier crawls are removed.
    ///
    /// # Errors
    /// If they can't be removed, or would be written through a symbolic link.
    pub fn open(folder: &Path, fresh: bool) -> Result<Self> {
        let folder = folder.join(FOLDER);
        if is_link(&folder) {
            let folder = folder.display();
            bail!("{folder} is a symbolic link: nothing is written there");
        }
        let mut are_there = folder.exists();
        if fresh && are_there {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("can't remove {}", folder.display()))?;
            are_there = false;
        }
        Ok(Self { folder, are_there })
    }

    /// The original of this page, if there is one of this length.
    pub fn of(&self, url: &str, bytes: u64) -> Option<PathBuf> {
        let path = self.folder.join(unique(url));
        (self.are_there && is_whole(&path, bytes)).then_some(path)
    }

    /// Moves a page's file here, unless its original is here already.
    ///
    /// # Errors
    /// If it can't be moved.
    pub fn keep(&self, url: &str, bytes: u64, file: &Path) -> Result<()> {
        let to = self.folder.join(unique(url));
        if is_whole(&to, bytes) {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)
            .and_then(|()| fs::rename(file, to))
            .with_context(|| format!("can't keep what was sent for {}", file.display()))
    }

    /// Moves a page's original back to its file. Returns whether there was one.
    pub fn restore(&self, url: &str, bytes: u64, file: &Path) -> bool {
        let original = self.folder.join(unique(url));
        let is_restored = is_whole(&original, bytes) && fs::rename(original, file).is_ok();
        // The folder goes with the last one: a crawl that finds it converts, too.
        let _ = fs::remove_dir(&self.folder);
        is_restored
    }

    /// Forgets the original of a page that was downloaded again.
    pub fn forget(&self, url: &str) {
        if self.are_there {
            let _ = fs::remove_file(self.folder.join(unique(url)));
        }
    }
}
