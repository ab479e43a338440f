//! The files: which photo is read from where, where its result is written to, and how a result
//! appears: whole or not at all.

use std::cell::LazyCell;
use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

use crate::codec::Format;

mod identity;
mod write;

use identity::{Identity, canonical, ignores_case, lower_case};
pub use write::{check_writable, exists, remove_unfinished, write};

/// One photo to be processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The file to read.
    #[serde(with = "os_path")]
    pub input: PathBuf,
    /// The file to write.
    #[serde(with = "os_path")]
    pub output: PathBuf,
    /// The format of the result.
    pub format: Format,
}

/// A path may be any bytes, and serde's own form of a path is UTF-8 only.
mod os_path {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        path.as_os_str().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        OsString::deserialize(from).map(PathBuf::from)
    }
}

/// The photos among the inputs.
#[derive(Debug, Clone, Default)]
pub struct Photos {
    /// Each photo's path, and the path that it gets below the output folder.
    pub found: Vec<(PathBuf, PathBuf)>,
    /// The inputs that can't be processed, and why.
    pub failures: Vec<(PathBuf, String)>,
    /// The number of files in folders that are no photos, by their extension.
    pub others: BTreeMap<String, usize>,
}

/// Finds the photos among `inputs`: files, and all files below folders, except those below
/// `output`, which may hold the results of an earlier run. A file keeps its name, a file in a
/// folder its path below that folder. Each photo is found once, in the order of the inputs and then
/// of the paths.
pub fn find(inputs: &[PathBuf], output: &Path) -> Photos {
    let mut photos = Photos::default();
    for input in inputs {
        if let Err(error) = find_in(input, output, &mut photos) {
            photos.failures.push((input.clone(), format!("{error:#}")));
        }
    }
    let mut seen = HashSet::new();
    photos
        .found
        .retain(|(path, _)| seen.insert(canonical(path)));
    photos
}

/// Gives each photo its place in `folder`, and its format: the one that is given, or else the one
/// that its extension stands for.
///
/// A photo is refused, and returned with the reason, if its result would overwrite an input, or the
/// result of another photo.
pub fn place(
    photos: &[(PathBuf, PathBuf)],
    folder: &Path,
    format: Option<Format>,
) -> (Vec<Task>, Vec<(PathBuf, String)>) {
    place_where(photos, folder, format, || ignores_case(folder))
}

fn place_where(
    photos: &[(PathBuf, PathBuf)],
    folder: &Path,
    format: Option<Format>,
    case_is_ignored: impl FnOnce() -> bool,
) -> (Vec<Task>, Vec<(PathBuf, String)>) {
    // Looked at only if it makes a difference.
    let case_is_ignored = LazyCell::new(case_is_ignored);
    let inputs = photos.iter().filter_map(|(path, _)| Identity::of(path));
    let inputs: HashSet<_> = inputs.collect();
    let spelt = LazyCell::new(|| -> HashSet<_> {
        photos.iter().map(|(path, _)| lower_case(path)).collect()
    });
    let is_input = |output: &Path| {
        Identity::of(output).is_some_and(|file| {
            inputs.contains(&file) || *case_is_ignored && spelt.contains(&lower_case(output))
        })
    };
    let (mut tasks, mut refused) = (Vec::new(), Vec::new());
    let (mut taken, mut without_case) = (HashSet::new(), HashSet::new());
    for (input, relative) in photos {
        let output = folder.join(renamed(relative, format));
        let alike = !without_case.insert(output.to_string_lossy().to_lowercase());
        let problem = if is_input(&output) {
            "would overwrite an input"
        } else if !taken.insert(output.clone()) || alike && *case_is_ignored {
            "would overwrite the result of another photo"
        } else {
            tasks.push(Task {
                input: input.clone(),
                format: format_of(&output).unwrap_or(Format::Jpeg),
                output,
            });
            continue;
        };
        let why = format!("its result, {}, {problem}", output.display());
        refused.push((input.clone(), why));
    }
    (tasks, refused)
}

/// One of several equal parts of a list: the part of one job of a job array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// The number of the part, from 0.
    index: usize,
    count: usize,
}

impl Shard {
    /// Returns the tasks of this part: every `count`-th, so that neighbours, which are often alike,
    /// are spread over all parts. All parts together are the whole list, each task once, as long as
    /// the list is the same.
    pub fn of(self, tasks: Vec<Task>) -> Vec<Task> {
        let rest = tasks.into_iter().skip(self.index);
        rest.step_by(self.count).collect()
    }
}

impl FromStr for Shard {
    type Err = String;

    /// Parses `I/N`, with I from 1 to N.
    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(part, count)| {
            let (part, count): (usize, usize) = (part.parse().ok()?, count.parse().ok()?);
            let index = part.checked_sub(1).filter(|index| *index < count)?;
            Some(Self { index, count })
        });
        numbers.ok_or_else(|| "two numbers, I/N, with I from 1 to N".to_owned())
    }
}

/// Removes the tasks whose results exist, and returns their number. A result that exists is whole
/// (see [`write()`]), but it may have been made with other settings.
pub fn drop_finished(tasks: &mut Vec<Task>) -> usize {
    let before = tasks.len();
    tasks.retain(|task| !task.output.exists());
    before - tasks.len()
}

fn find_in(input: &Path, output: &Path, photos: &mut Photos) -> Result<()> {
    if !fs::metadata(input)?.is_dir() {
        let name = input.file_name().context("has no name")?;
        photos.found.push((input.to_path_buf(), name.into()));
        return Ok(());
    }
    let before = (photos.found.len(), photos.failures.len());
    let (own, spelt) = (Identity::of(output), lower_case(output));
    let walk = WalkDir::new(input).follow_links(true).sort_by_file_name();
    // The folder of the results is not searched, unless it is itself one of the inputs.
    let is_left_out = |entry: &DirEntry| {
        let folder = entry.depth() > 0 && entry.file_type().is_dir();
        let is_output = || {
            let alike = || lower_case(entry.path()) == spelt && ignores_case(output);
            own.is_some() && (Identity::of(entry.path()) == own || alike())
        };
        folder && (is_of_a_program(entry.file_name()) || is_output())
    };
    for entry in walk.into_iter().filter_entry(|entry| !is_left_out(entry)) {
        match entry {
            Ok(entry) if entry.file_type().is_file() && is_photo(entry.path()) => {
                let relative = entry.path().strip_prefix(input)?.to_path_buf();
                photos.found.push((entry.into_path(), relative));
            }
            Ok(entry) if entry.file_type().is_file() && !is_hidden(entry.file_name()) => {
                let extension = entry.path().extension().unwrap_or_default();
                let extension = extension.to_string_lossy().to_lowercase();
                *photos.others.entry(extension).or_default() += 1;
            }
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(input).to_path_buf();
                let cause = error.io_error().map(ToString::to_string);
                let cause = cause.unwrap_or_else(|| error.to_string());
                photos.failures.push((path, cause));
            }
        }
    }
    if (photos.found.len(), photos.failures.len()) == before {
        bail!("no photos in this folder (.jpg, .png, .webp, .tiff, .bmp, .gif)");
    }
    Ok(())
}

fn format_of(path: &Path) -> Option<Format> {
    path.extension()
        .and_then(|extension| extension.to_str())
        .and_then(Format::from_extension)
}

/// Whether a file of a folder is a photo, by its extension. (For a file that the user names, its
/// content decides.) Hidden files are none: among them are the unfinished ones of a run that was
/// killed.
fn is_photo(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(is_hidden);
    !hidden && (format_of(path).is_some() || is_gif(path))
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Whether a folder is one that programs keep for themselves: hidden ones, in which thumbnails and
/// deleted files are, and those of Windows and of network drives.
fn is_of_a_program(name: &OsStr) -> bool {
    let names = ["@eaDir", "#recycle", "$RECYCLE.BIN"];
    is_hidden(name) || names.iter().any(|of| name.eq_ignore_ascii_case(of))
}

fn renamed(relative: &Path, format: Option<Format>) -> PathBuf {
    match (format, format_of(relative)) {
        (None, Some(_)) => relative.to_path_buf(),
        (Some(wanted), Some(own)) if wanted == own => relative.to_path_buf(),
        // A GIF, which is only read, may be transparent, and has no noise that JPEG smooths.
        (None, _) if is_gif(relative) => relative.with_extension(Format::Png.extension()),
        (wanted, _) => relative.with_extension(wanted.unwrap_or(Format::Jpeg).extension()),
    }
}

fn is_gif(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("gif"))
}

/// Returns the first of these results whose bytes differ from those of its counterpart.
///
/// # Errors
/// If one can't be read.
pub fn first_difference<'a>(these: &'a [Task], those: &[Task]) -> Result<Option<&'a Task>> {
    for (this, that) in these.iter().zip(those) {
        let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
        if read(&this.output)? != read(&that.output)? {
            return Ok(Some(this));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As on the disks of most Macs, and on memory cards.
    #[test]
    fn results_that_differ_in_case_only_are_one_file_where_case_is_ignored() {
        let photos: Vec<_> = ["in/a.jpg", "in/A.jpg", "in/B.png"]
            .map(|path| {
                (
                    PathBuf::from(path),
                    Path::new(path).strip_prefix("in").unwrap().into(),
                )
            })
            .to_vec();
        let place = |ignored| place_where(&photos, Path::new("out"), None, || ignored);
        assert_eq!(place(false).0.len(), 3);
        let (tasks, refused) = place(true);
        assert_eq!(tasks.len(), 2);
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].0, Path::new("in/A.jpg"));
        assert!(refused[0].1.contains("the result of another photo"));
    }

    /// As on a file system that ignores case and numbers each spelling of a name for itself. Two
    /// files stand for one that has two numbers.
    #[test]
    fn an_input_under_another_spelling_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let [input, output] = ["photos", "Photos"].map(|name| folder.path().join(name));
        for folder in [&input, &output] {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("a.jpg"), "").unwrap();
        }
        let photos = [(input.join("a.jpg"), "a.jpg".into())];
        let refused = |ignored| place_where(&photos, &output, None, || ignored).1;
        assert!(refused(true)[0].1.contains("would overwrite an input"));
        #[cfg(target_os = "linux")]
        assert_eq!(refused(false), []);
    }
}
