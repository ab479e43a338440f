//! Whether two paths lead to one file. A path alone does not say: a folder may be mounted in two
//! places, as a container's volumes are, and some file systems ignore the case of letters.

use std::fs;
use std::path::Path;

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
    let name = file.path().file_name().unwrap_or_default();
    let other = name.to_string_lossy().to_uppercase();
    Identity::of(&file.path().with_file_name(other)) == Identity::of(file.path())
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
}
