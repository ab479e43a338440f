//! Files that are written in parts. Each is written aside, and renamed when it is whole: so there
//! is never half a file at its destination, whatever happens.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

/// Where a file goes.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Its path below the folder of the crawl, with `/` on every system.
    pub name: String,
    /// Its whole path.
    pub path: PathBuf,
    /// A folder on the same disk, for the file while it is not whole.
    pub aside: PathBuf,
}

/// A file that is not whole yet. It is removed if this is dropped before it is finished.
#[derive(Debug)]
pub struct Part {
    file: NamedTempFile,
    name: String,
    path: PathBuf,
    bytes: u64,
}

impl Part {
    /// Makes an empty file aside.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn new(destination: &Destination) -> Result<Self> {
        let path = &destination.path;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".part-");
        // A temporary file is private by default; this one is as public as any new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(&destination.aside);
        let file = file.with_context(|| format!("can't write {}", path.display()))?;
        Ok(Self {
            file,
            name: destination.name.clone(),
            path: path.clone(),
            bytes: 0,
        })
    }

    /// Appends a chunk.
    ///
    /// # Errors
    /// If it can't be written, or the file would be longer than `most` bytes.
    pub fn add(&mut self, chunk: &[u8], most: u64) -> Result<()> {
        self.bytes += chunk.len() as u64;
        if self.bytes > most {
            bail!("the body is longer than {most} bytes");
        }
        let written = self.file.write_all(chunk);
        written.with_context(|| format!("can't write {}", self.path.display()))
    }

    /// How many bytes were appended so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Opens what was appended so far, to be read from its beginning.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn reread(&self) -> Result<File> {
        self.file
            .reopen()
            .with_context(|| format!("can't read {}", self.path.display()))
    }

    /// Moves the file to its destination, where it replaces an older one. Returns its length.
    ///
    /// # Errors
    /// If it can't be renamed, or a symbolic link leads out of the crawl's folder.
    pub fn finish(self) -> Result<u64> {
        let path = &self.path;
        stays_inside(path, &self.name)?;
        let kept = match self.file.persist(verbatim(path)) {
            // The folder is made only now: for most files it is there already.
            Err(error) if error.error.kind() == ErrorKind::NotFound => {
                let folder = path.parent().context("a file has a folder")?;
                fs::create_dir_all(folder)
                    .with_context(|| format!("can't make the folder {}", folder.display()))?;
                error.file.persist(verbatim(path))
            }
            kept => kept,
        };
        kept.with_context(|| format!("can't write {}", path.display()))?;
        Ok(self.bytes)
    }
}

/// Spells a path so that Windows also takes one of more than 259 characters. The standard library
/// does that by itself; `tempfile` does not. On other systems, returns the path as it is.
fn verbatim(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|_| cfg!(windows));
    match (folder.map(Path::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        // A folder that is not there has no such spelling: then nothing can be renamed, either.
        _ => path.to_owned(),
    }
}

/// Checks that no symbolic link between the folder of a crawl and a file leads out of that folder.
/// `path` is the file's whole path, and ends with `name`, its path below the folder.
///
/// # Errors
/// If one does.
pub fn stays_inside(path: &Path, name: &str) -> Result<()> {
    let depth = name.matches('/').count();
    for folder in path.ancestors().skip(1).take(depth) {
        if !is_link(folder) {
            continue;
        }
        let root = path.ancestors().nth(depth + 1).context("a folder")?;
        let [target, root] = [folder, root].map(Path::canonicalize);
        if !target.is_ok_and(|target| root.is_ok_and(|root| target.starts_with(root))) {
            let folder = folder.display();
            bail!(
                "{folder} is a symbolic link that leads out of the folder: nothing is written there"
            );
        }
    }
    Ok(())
}

/// Locks a file against other processes, until it is closed. `what` is told if it is locked.
///
/// # Errors
/// If another process has locked it.
pub fn lock(file: &File, what: &Path) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => bail!("another crawl writes into {}", what.display()),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("can't lock {}", what.display()))
        }
    }
}

/// Whether this is a file, and no link to one, of this length.
pub fn is_whole(path: &Path, bytes: u64) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.is_file() && data.len() == bytes)
}

/// Whether this is a symbolic link, wherever it leads.
pub fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.is_symlink())
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
