//! The rules of this repository are tests: see `tests/`. They share this code with
//! `examples/capture.rs`.

use std::fs;
use std::path::{Path, PathBuf};

use timing::practise::fresh_cargo;
use toml::Table;

pub mod outputs;

/// The folder above `crates`.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The names of the folders in `crates/`.
///
/// # Panics
/// If they can't be read.
pub fn crates() -> Vec<String> {
    let entries = fs::read_dir(root().join("crates")).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The examples of a crate: their names, and their files. An example is a file, or a folder with a
/// `main.rs`.
///
/// # Panics
/// If the folder can't be read.
pub fn examples(name: &str) -> Vec<(String, PathBuf)> {
    let folder = root().join("crates").join(name).join("examples");
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let example = |path: PathBuf| {
        let name = path.file_stem()?.to_str()?.to_owned();
        let file = if path.is_dir() {
            path.join("main.rs")
        } else {
            path
        };
        (file.exists() && file.extension()? == "rs").then_some((name, file))
    };
    paths.filter_map(example).collect()
}

/// The names of the folders in `crates/` that are lessons.
///
/// # Panics
/// If there is none.
pub fn lessons() -> Vec<String> {
    let house = ["tidy", "timing"];
    let lessons: Vec<_> = crates()
        .into_iter()
        .filter(|name| !house.contains(&name.as_str()))
        .collect();
    assert!(!lessons.is_empty());
    lessons
}

/// The files below a folder of the workspace that have this extension.
pub fn files(folder: impl AsRef<Path>, extension: &str) -> Vec<PathBuf> {
    walkdir::WalkDir::new(root().join(folder))
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect()
}

/// The text of a file of the workspace.
///
/// # Panics
/// If it can't be read.
pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A manifest of the workspace.
///
/// # Panics
/// If it can't be read, or is no TOML.
pub fn manifest(path: impl AsRef<Path>) -> Table {
    read(path).parse().expect("a manifest is TOML")
}

/// Runs cargo in the workspace and returns what it printed.
///
/// # Panics
/// If it can't be run, or fails.
pub fn cargo(arguments: &[&str]) -> String {
    let output = fresh_cargo()
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}
