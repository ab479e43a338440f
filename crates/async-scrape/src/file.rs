//! A file that comes in parts. It is written beside its place, and renamed when it is whole: whoever looks at the folder sees
//! finished files only, whatever happens.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

/// What is there of a file so far. It is gone if this is dropped before it is finished.
#[derive(Debug)]
pub struct Part {
    file: NamedTempFile,
    place: PathBuf,
    bytes: u64,
}

impl Part {
    /// An empty one, for the file of this name.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn new(folder: &Path, name: &str) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".part-");
        // A temporary file is private by default; this one is as public as any new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let place = folder.join(name);
        let file = builder.tempfile_in(folder);
        Ok(Self {
            file: file.with_context(|| format!("can't write {}", place.display()))?,
            place,
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

    /// Puts it in its place, where it replaces what was there, and returns how long it is.
    ///
    /// # Errors
    /// If it can't be renamed.
    pub fn finish(self) -> Result<u64> {
        let place = &self.place;
        let kept = self.file.persist(place);
        kept.with_context(|| format!("can't write {}", place.display()))?;
        Ok(self.bytes)
    }
}
