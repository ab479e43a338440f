//! The files of an exercise.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::header;

/// An exercise: its number and its name are those of the student's file, `e1_hold.rs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exercise {
    pub(super) number: u32,
    pub(super) name: String,
    /// The student's file.
    pub(super) path: PathBuf,
    /// The folder with the answers.
    answers: PathBuf,
}

/// The exercises in a lesson's folder, in order.
pub(super) fn all(folder: &Path) -> Result<Vec<Exercise>> {
    let place = folder.join("exercises");
    let failed = || format!("can't read {}", place.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(&place).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let parts = name
            .strip_prefix('e')
            .and_then(|name| name.strip_suffix(".rs"));
        let Some((number, name)) = parts.and_then(|name| name.split_once('_')) else {
            continue;
        };
        // Editors leave other files.
        let Ok(number) = number.parse() else { continue };
        found.push(Exercise {
            number,
            name: name.to_owned(),
            answers: folder.join(format!(".answers/e{number}")),
            path: path.clone(),
        });
    }
    found.sort_by_key(|exercise| exercise.number);
    Ok(found)
}

impl Exercise {
    /// The name of the test target that is its check.
    pub(super) fn target(&self) -> String {
        format!("e{}", self.number)
    }

    /// The student's file, as the student would name it: from here, if it is below.
    pub(super) fn shown(&self) -> String {
        let here = std::env::current_dir().unwrap_or_default();
        let path = self.path.strip_prefix(here).unwrap_or(&self.path);
        path.display().to_string()
    }

    pub(super) fn text(&self) -> Result<String> {
        read(&self.path)
    }

    /// The first line of the task.
    pub(super) fn title(&self) -> Result<String> {
        let stub = read(&self.answers.join("stub.rs"))?;
        let first = stub.lines().next().unwrap_or_default();
        Ok(first.trim_start_matches("//!").trim().to_owned())
    }

    pub(super) fn hints(&self) -> Result<Vec<String>> {
        let path = self
            .path
            .with_file_name(format!("e{}.hints.md", self.number));
        let text = read(&path)?;
        let hints = text.split("\n---\n").map(str::trim);
        Ok(hints
            .filter(|hint| !hint.is_empty())
            .map(str::to_owned)
            .collect())
    }

    pub(super) fn answer(&self) -> Result<String> {
        read(&self.answers.join("right.rs"))
    }

    /// Puts the student's file back to what it was at first.
    pub(super) fn reset(&self) -> Result<()> {
        let stub = read(&self.answers.join("stub.rs"))?;
        let failed = || format!("can't write {}", self.path.display());
        fs::write(&self.path, stub).with_context(failed)
    }

    /// The misconception of the known-wrong answer whose words (after `//! compiler:`) are in what
    /// the compiler said.
    pub(super) fn known_to_the_compiler(&self, said: &str) -> Option<String> {
        let files = fs::read_dir(&self.answers).ok()?;
        let mut files: Vec<_> = files
            .filter_map(Result::ok)
            .map(|file| file.path())
            .collect();
        files.sort();
        let texts = files
            .iter()
            .filter_map(|path| fs::read_to_string(path).ok());
        texts.into_iter().find_map(|text| {
            let words = header(&text, "compiler:")?;
            said.contains(&words)
                .then(|| header(&text, "misconception:"))?
        })
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}
