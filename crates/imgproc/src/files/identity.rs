//! Whether two paths lead to one file. A path alone does not say: a folder may be mounted in two
//! places, as a container's volumes are, and some file systems ignore the case of letters.

use std::fs;
use std::path::{Path, PathBuf};

/// What tells a file from every other one: on Unix the numbers of its device and of its inode,
/// elsewhere its path without links and dots.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity(
    #[cfg(unix)] (u64, u64),
    #[cfg(not(unix))] std::path::PathBuf,
);

impl Identity {
    /// Returns the identity of a file or folder. `None` if there is none.
    #[cfg(unix)]
    pub fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let found = fs::metadata(path).ok()?;
        Some(Self((found.dev(), found.ino())))
    }

    /// Returns the identity of a file or folder. `None` if there is none.
    #[cfg(not(unix))]
    pub fn of(path: &Path) -> Option<Self> {
        fs::canonicalize(path).ok().map(Self)
    }
}

/// Returns the path without links and dots, as far as it exists.
pub fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Returns that path as a file system that ignores case sees it.
pub fn lower_case(path: &Path) -> String {
    canonical(path).to_string_lossy().to_lowercase()
}

/// Whether two names that differ only in the case of letters are one file in this folder, or in the
/// one in which it will be made. It makes a file to find out, and removes it.
pub fn ignores_case(folder: &Path) -> bool {
    let existing = folder.ancestors().find(|folder| folder.is_dir());
    // A relative path ends with the empty one, which stands for the working folder.
    let existing = existing.unwrap_or(Path::new("."));
    let file = tempfile::Builder::new()
        .prefix(".imgproc-a")
        .tempfile_in(existing);
    // Where nothing can be written, no result will be overwritten.
    let Ok(file) = file else {
        return false;
    };
    is_there_in_capitals(file.path())
}

/// Whether there is a file of the same name in capital letters. It need not have the same identity:
/// file systems that are programs (FUSE) may number each spelling of a name for itself.
fn is_there_in_capitals(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let other = path.with_file_name(name.to_uppercase());
    other.symlink_metadata().is_ok()
}

// On macOS the disk's owner has decided.
#[cfg(all(test, any(target_os = "linux", windows)))]
mod tests {
    use super::*;

    #[test]
    fn case_counts_on_linux_and_not_on_windows() {
        let folder = tempfile::tempdir().unwrap();
        let ignored = ignores_case(&folder.path().join("not/yet/there"));
        assert_eq!(ignored, cfg!(windows));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    /// Two files stand for one that has two numbers.
    #[test]
    fn two_spellings_of_a_name_may_have_two_identities() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "A"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert!(is_there_in_capitals(&folder.path().join("a")));
    }
}
