//! A file that comes in parts. It is written beside its place, and renamed when it is whole: whoever looks at the folder sees
//! finished files only, whatever happens.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

/// Where a file is to be.
#[derive(Debug, Clone)]
pub struct Place {
    /// What its folder, or the crawl, calls it.
    pub name: String,
    /// All of its name.
    pub path: PathBuf,
    /// A folder on the same disk, where it is until it is whole.
    pub aside: PathBuf,
}

/// What is there of a file so far. It is gone if this is dropped before it is finished.
#[derive(Debug)]
pub struct Part {
    file: NamedTempFile,
    place: PathBuf,
    bytes: u64,
}

impl Part {
    /// An empty one.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn new(place: &Place) -> Result<Self> {
        let path = &place.path;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".part-");
        // A temporary file is private by default; this one is as public as any new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(&place.aside);
        let file = file.with_context(|| format!("can't write {}", path.display()))?;
        Ok(Self {
            file,
            place: path.clone(),
            bytes: 0,
        })
    }

    /// Adds a chunk.
    ///
    /// # Errors
    /// If it can't be written, or if it would be more than `most` bytes in all.
    pub fn add(&mut self, chunk: &[u8], most: u64) -> Result<()> {
        self.bytes += chunk.len() as u64;
        if self.bytes > most {
            bail!("the body is longer than {most} bytes");
        }
        let written = self.file.write_all(chunk);
        written.with_context(|| format!("can't write {}", self.place.display()))
    }

    /// How many bytes were added so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What was added so far, to be read from its beginning.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn reread(&self) -> Result<File> {
        self.file
            .reopen()
            .with_context(|| format!("can't read {}", self.place.display()))
    }

    /// Puts it in its place, where it replaces what was there, and returns how long it is.
    ///
    /// # Errors
    /// If it can't be renamed.
    pub fn finish(self) -> Result<u64> {
        let place = &self.place;
        let kept = match self.file.persist(place) {
            // Most are not the first in their folder, so nobody asks whether it is there.
            Err(error) if error.error.kind() == ErrorKind::NotFound => {
                let folder = place.parent().context("a file has a folder")?;
                fs::create_dir_all(folder)
                    .with_context(|| format!("can't make the folder {}", folder.display()))?;
                error.file.persist(place)
            }
            kept => kept,
        };
        kept.with_context(|| format!("can't write {}", place.display()))?;
        Ok(self.bytes)
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}
