//! How a result appears: whole or not at all.

use std::fs::{self, File, FileTimes};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use tempfile::{NamedTempFile, PersistError};

/// Writes a file whole or not at all: beside its place under a hidden name, then renamed. At any
/// time, even after this process was killed, there is no file or all of it. `time` becomes the time
/// at which it was last changed.
///
/// # Errors
/// If there is a file already and `force` is off, or if the file system refuses. Nothing is left
/// behind.
pub fn write(path: &Path, bytes: &[u8], force: bool, time: Option<SystemTime>) -> Result<()> {
    let folder = path.parent().context("no folder to write to")?;
    fs::create_dir_all(folder)
        .with_context(|| format!("can't make the folder {}", folder.display()))?;
    let mut file = unfinished_file(folder)?;
    // Not by the temporary file itself, whose errors have its hidden name.
    file.as_file_mut()
        .write_all(bytes)
        .with_context(|| format!("can't write {}", path.display()))?;
    if let Some(time) = time {
        // Both times: some file systems that are programs (FUSE) ignore a call that sets one.
        file.as_file()
            .set_times(FileTimes::new().set_accessed(time).set_modified(time))
            .with_context(|| format!("can't set the time of {}", path.display()))?;
    }
    // Windows renames no file to a path of more than 259 characters, unless it is spelled like
    // this.
    let folder = Some(folder).filter(|_| cfg!(windows));
    let target = match (folder.map(Path::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => &folder.join(name),
        _ => path,
    };
    let renamed = match force {
        true => file.persist(target),
        false => file
            .persist_noclobber(target)
            .or_else(|PersistError { file, error }| rename_if_free(file, target, error)),
    };
    match renamed {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
            bail!(exists(path))
        }
        Err(error) => {
            Err(error.error).with_context(|| format!("can't rename to {}", path.display()))
        }
    }
}

/// Checks that results can be written to a folder, or to the nearest one above it that exists. It
/// makes a file, and removes it.
///
/// # Errors
/// If they can't.
pub fn check_writable(folder: &Path) -> Result<()> {
    // A relative path ends with the empty one, which stands for the working folder.
    let mut folders = folder
        .ancestors()
        .filter(|of| of.symlink_metadata().is_ok());
    let existing = folders.next().unwrap_or(Path::new("."));
    unfinished_file(existing).map(drop)
}

/// Makes a file under a hidden name, which is removed unless it is renamed.
fn unfinished_file(folder: &Path) -> Result<NamedTempFile> {
    let prefix = unfinished(process::id());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    // A temporary file is private by default. A result has the permissions of any new file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
        .tempfile_in(folder)
        .map_err(without_path)
        .with_context(|| format!("can't write in {}", folder.display()))
}

/// Returns the error without the path of the hidden file, which the crate `tempfile` adds to it.
fn without_path(error: io::Error) -> io::Error {
    let text = error.to_string();
    let cause = text.split(" at path ").next().unwrap_or_default();
    io::Error::new(error.kind(), cause)
}

/// Renames a file that could not be renamed with the promise to overwrite nothing. Some file
/// systems, among them network mounts and exFAT, have no call for that promise, but can look first:
/// a file that another program makes in between is lost.
fn rename_if_free(
    file: NamedTempFile,
    path: &Path,
    error: io::Error,
) -> Result<File, PersistError> {
    let taken = error.kind() == ErrorKind::AlreadyExists;
    if taken || path.symlink_metadata().is_ok() {
        let error = ErrorKind::AlreadyExists.into();
        return Err(PersistError { file, error });
    }
    file.persist(path)
}

/// How the name of an unfinished file begins. It tells which process was writing it, so that
/// another can take it away when that one has died.
fn unfinished(process: u32) -> String {
    format!(".imgproc-{process}-")
}

/// Removes what a process that has died left unfinished beside this path.
pub fn remove_unfinished(path: &Path, process: u32) {
    let Some(entries) = path.parent().and_then(|folder| fs::read_dir(folder).ok()) else {
        return; // The folder was never made, so nothing is left in it.
    };
    let prefix = unfinished(process);
    for entry in entries.flatten() {
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(prefix.as_bytes())
        {
            // As good as it goes: a file that can't be removed is hidden, and no result.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The message about an output that exists already.
pub fn exists(path: &Path) -> String {
    format!("{} exists already (--force replaces it)", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_call_that_overwrites_nothing_it_looks_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result");
        let attempt = |text: &[u8]| {
            let mut file = NamedTempFile::new_in(folder.path()).unwrap();
            file.write_all(text).unwrap();
            // As exFAT answers when it is asked for a second name of a file.
            rename_if_free(file, &path, ErrorKind::PermissionDenied.into()).is_ok()
        };
        assert!(attempt(b"first"));
        assert!(!attempt(b"second"));
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
