//! The file of an archive: gzip members, one after the other, each whole or not there.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::bufread::GzDecoder;

use crate::file::lock;

/// A file that grows by whole members. No other process writes into it as long as this exists.
#[derive(Debug)]
pub struct Members {
    file: File,
    /// Where the next member begins.
    end: u64,
}

impl Members {
    /// Opens the file, and makes it if it is not there. A file that is there is refused, unless it
    /// is to go on. It is not changed before [`cut`](Self::cut).
    ///
    /// # Errors
    /// If the file may not be there, is no archive, or can't be written.
    pub fn open(path: &Path, continues: bool) -> Result<Self> {
        let cant = || format!("can't write {}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(cant)?;
        }
        let mut options = File::options();
        options.read(true).write(true);
        let file = match options.create_new(true).open(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => match continues {
                true => options.create_new(false).open(path),
                false => bail!(
                    "{} is there already: only --resume and --timestamping add to an archive",
                    path.display()
                ),
            },
            opened => opened,
        }
        .with_context(cant)?;
        lock(&file, path)?;
        let end = whole(&file).with_context(|| format!("can't add to {}", path.display()))?;
        Ok(Self { file, end })
    }

    /// Cuts off what follows the last whole member.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn cut(&mut self) -> Result<()> {
        self.file.set_len(self.end)?;
        self.file.seek(SeekFrom::Start(self.end))?;
        Ok(())
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// Appends what `write` writes: one member or several. If that fails, none of it stays.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn append(&mut self, write: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
        let written = write(&mut self.file).context("can't write the archive");
        match written {
            Ok(()) => self.end = self.file.stream_position()?,
            Err(_) => self.cut()?,
        }
        written
    }
}

/// How many bytes at the beginning of an archive are whole records.
fn whole(file: &File) -> Result<u64> {
    let (mut from, mut end) = (BufReader::new(file), 0);
    while !from.fill_buf()?.is_empty() {
        let mut member = GzDecoder::new(from);
        let mut start = Vec::new();
        let begun = member.by_ref().take(5).read_to_end(&mut start);
        let read = begun.and_then(|_| io::copy(&mut member, &mut io::sink()));
        match read {
            Ok(_) if start == *b"WARC/" => {}
            // The last one was not written to its end.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof && end > 0 => break,
            Ok(_) | Err(_) => bail!("from byte {end} on it is no archive"),
        }
        from = member.into_inner();
        end = from.stream_position()?;
    }
    Ok(end)
}
