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

/// The exercises in a lesson's folder, in order. The check of each names the student's file, which
/// may have been deleted.
pub(super) fn all(folder: &Path) -> Result<Vec<Exercise>> {
    let place = folder.join(".answers");
    let failed = || format!("can't read {}", place.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(&place).with_context(failed)? {
        let answers = entry.with_context(failed)?.path();
        let target = answers.file_name().unwrap_or_default().to_string_lossy();
        let number = target
            .strip_prefix('e')
            .and_then(|number| number.parse().ok());
        let Some(number) = number else { continue };
        let check = read(&folder.join(format!("tests/practise/{target}/main.rs")))?;
        let begin = format!("exercises/{target}_");
        let name = check.lines().find_map(|line| {
            let (_, rest) = line.split_once("#[path = ")?.1.split_once(&begin)?;
            rest.split_once(".rs\"]").map(|(name, _)| name)
        });
        let name = name.with_context(|| format!("the check of {target} names no file"))?;
        found.push(Exercise {
            number,
            name: name.to_owned(),
            path: folder.join(format!("{begin}{name}.rs")),
            answers: answers.clone(),
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

    /// The student's file. If it was deleted, it is as if it was empty.
    pub(super) fn text(&self) -> Result<String> {
        match self.path.exists() {
            true => read(&self.path),
            false => Ok(String::new()),
        }
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

    /// Whether the student's file has locks or threads that its checker does not see: they hide
    /// schedules, and where one waits for another, nothing ever ends.
    pub(super) fn hides_from_the_checker(&self) -> Result<bool> {
        let lesson = self.path.ancestors().nth(2).unwrap_or(&self.path);
        let check = lesson.join(format!("tests/practise/{}/check.rs", self.target()));
        let check = fs::read_to_string(check).unwrap_or_default();
        let has_checker = ["practise::schedules", "loom::model", "mod thread"];
        let sees = has_checker.iter().any(|words| check.contains(words));
        Ok(sees && names_of_std(&self.text()?))
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

/// Whether code names locks or threads of the standard library: `std::sync`, `std::{cell, sync}`.
fn names_of_std(text: &str) -> bool {
    let code = text.lines().filter_map(|line| line.split("//").next());
    let code: String = code.flat_map(str::split_whitespace).collect();
    let hides = |name: &str| name.starts_with("sync") || name.starts_with("thread");
    code.split("std::")
        .skip(1)
        .any(|rest| match rest.strip_prefix('{') {
            None => hides(rest),
            Some(list) => {
                let list = list.split(';').next().unwrap_or_default();
                list.split([',', '{', '}']).any(hides)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_and_threads_of_std_are_found_however_they_are_named() {
        for code in [
            "use std::sync::Mutex;",
            "use std::{\n    cell::Cell, // a cell\n    thread,\n};",
            "use std::{cell::{Cell, RefCell}, sync::Arc};",
            "fn f() { std::thread::sleep(t); }",
        ] {
            assert!(names_of_std(code), "{code}");
        }
        for code in [
            "use std::collections::HashMap;",
            "use std::{cell::Cell, ops::Range};\nuse super::world::thread;",
            "// std::sync is not for here",
            "//! `std::thread`",
        ] {
            assert!(!names_of_std(code), "{code}");
        }
    }
}
