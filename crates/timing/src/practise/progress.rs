//! What a student has solved, and which hints were shown, in `exercises/.progress.json`.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::cli;

#[derive(Debug, Default)]
pub(super) struct Progress {
    path: PathBuf,
    entries: BTreeMap<u32, Entry>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Entry {
    /// The fingerprint of the text that passed the check.
    solved: Option<u64>,
    /// How many hints were shown.
    hints: usize,
}

impl Progress {
    /// Reads what is known. A file that is not there or not readable is as if nothing was solved:
    /// all of it can be found out again.
    pub(super) fn read(folder: &Path) -> Self {
        let path = folder.join("exercises/.progress.json");
        let text = fs::read_to_string(&path).unwrap_or_default();
        Self {
            path,
            entries: serde_json::from_str(&text).unwrap_or_default(),
        }
    }

    /// Whether this text passed the check.
    pub(super) fn solved(&self, exercise: u32, text: &str) -> bool {
        let solved = self.entries.get(&exercise).and_then(|entry| entry.solved);
        solved == Some(fingerprint(text))
    }

    pub(super) fn set(&mut self, exercise: u32, solved: bool, text: &str) -> Result<()> {
        let entry = self.entries.entry(exercise).or_default();
        entry.solved = solved.then(|| fingerprint(text));
        self.write()
    }

    /// The number of the hint to show now, from 1: the one after the last that was shown.
    pub(super) fn next_hint(&mut self, exercise: u32, of: usize) -> Result<usize> {
        let entry = self.entries.entry(exercise).or_default();
        entry.hints = (entry.hints + 1).clamp(1, of.max(1));
        let number = entry.hints;
        self.write()?;
        Ok(number)
    }

    fn write(&self) -> Result<()> {
        cli::write(&self.path, &serde_json::to_string(&self.entries)?)
    }
}

/// The fingerprint of a text. Another version of the standard library may have another one: then
/// the exercise is checked again.
fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
