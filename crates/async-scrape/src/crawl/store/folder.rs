//! What is done with the folder of a crawl besides its pages.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};

use crate::file::{Destination, Part, lock};

/// The file with the links that lead to servers of other shards.
const ELSEWHERE: &str = "elsewhere.txt";

/// Writes the links that lead to servers of other shards, one a line.
pub fn write_elsewhere(folder: &Path, aside: &Path, links: &BTreeSet<String>) -> Result<()> {
    let path = folder.join(ELSEWHERE);
    if links.is_empty() {
        let _ = fs::remove_file(path);
        return Ok(());
    }
    let mut part = Part::new(&Destination {
        name: ELSEWHERE.to_owned(),
        path,
        aside: aside.to_owned(),
    })?;
    let text: String = links.iter().map(|link| format!("{link}\n")).collect();
    part.add(text.as_bytes(), u64::MAX)?;
    part.finish()?;
    Ok(())
}

/// Opens the file by which the folder of a crawl is locked, and locks it.
pub fn locked(folder: &Path, path: &Path) -> Result<File> {
    // Windows truncates no file that another process has locked.
    let mut options = File::options();
    let file = options.create(true).write(true).truncate(false).open(path);
    let file = file.with_context(|| format!("can't write {}", path.display()))?;
    lock(&file, folder)?;
    Ok(file)
}

/// Removes the files in this folder whose names begin so. One that stays makes the removal of the
/// folder fail, which is told.
pub fn remove_files(folder: &Path, prefix: &str) -> Result<()> {
    let entries = fs::read_dir(folder);
    let entries = entries.with_context(|| format!("can't read {}", folder.display()))?;
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}
