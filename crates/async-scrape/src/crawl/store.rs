//! The folder of a site: its tree of files, and what is known of each page.
//!
//! `index.json` is written at the end. Until then `.crawl/journal` has a line a page, so that even
//! after `kill -9` a later run with `--resume` knows which files are whole. Files that are not
//! whole are in `.crawl`, too.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};
use reqwest::{Response, Url};

use super::answer::{self, Answer, Failure};
use super::convert::Converter;
use super::index::{Entry, Index, earlier};
use super::journal::Journal;
use super::names::{Case, Names};
use super::originals::Originals;
use super::output::{Ending, Output};
use crate::file::{Destination, is_link, is_whole, stays_inside};

mod folder;
mod options;

use folder::{locked, remove_files, write_elsewhere};
pub use options::{Earlier, Options};

/// The folder for all that is not finished.
const ASIDE: &str = ".crawl";

/// A site's folder. No other process writes into it as long as this exists.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    aside: PathBuf,
    /// What an earlier crawl noted of the pages that it downloaded.
    earlier: HashMap<String, Entry>,
    originals: Originals,
    convert: Option<Case>,
    checks_again: bool,
    /// Locked as long as this exists.
    lock: File,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    names: Names,
    journal: Journal,
}

impl Store {
    /// Makes the folder if it is not there, and locks it.
    ///
    /// # Errors
    /// If the folder can't be made or written, or another process has locked it.
    pub fn open(folder: &Path, options: &Options) -> Result<Self> {
        let case = options.case;
        let resume = options.earlier != Earlier::Replaced;
        let aside = folder.join(ASIDE);
        let inside = ["lock", "journal", "reserve"].map(|name| aside.join(name));
        for place in inside.iter().chain([&aside]) {
            if is_link(place) {
                bail!(
                    "{} is a symbolic link: nothing is written there",
                    place.display()
                );
            }
        }
        fs::create_dir_all(&aside)
            .with_context(|| format!("can't make the folder {}", aside.display()))?;
        let lock = locked(folder, &aside.join("lock"))?;
        let index = fs::metadata(folder.join("index.json")).map_or(0, |data| data.len());
        let mut journal = Journal::open(aside.join("journal"), index)?;
        // The half files of a process that was killed.
        remove_files(&aside, ".part-")?;
        let (mut old, mut names) = (HashMap::new(), Names::tree(case));
        let entries = earlier(folder, journal.path());
        // Without `resume`, pages get the names that they had, but their contents are not used.
        for entry in if resume {
            entries?
        } else {
            entries.unwrap_or_default()
        } {
            old.insert(entry.url.clone(), entry);
        }
        // Somebody else may have written the index: it must name no file outside the folder.
        let is_inside = |file: &String| {
            let mut parts = Path::new(file).components();
            parts.all(|part| matches!(part, Component::Normal(_)))
                && stays_inside(&folder.join(file), file).is_ok()
        };
        old.retain(|_, entry| {
            let is_good = entry.error.is_none() && entry.skipped.is_none();
            is_good && entry.file.iter().all(is_inside)
        });
        for (url, entry) in &old {
            if let Some(file) = &entry.file {
                names.keep(url, file);
            }
        }
        let originals = Originals::open(folder, !resume)?;
        if !resume {
            old.clear();
            journal.clear()?;
            // Last, so that no failure costs the index of an earlier crawl.
            let _ = fs::remove_file(folder.join("index.json"));
        }
        // Files that were converted stay so: their links must keep up with new names.
        let is_converted = options.convert || originals.are_there;
        Ok(Self {
            folder: folder.to_owned(),
            aside,
            earlier: old,
            originals,
            convert: is_converted.then_some(case),
            checks_again: options.earlier == Earlier::Checked,
            lock,
            state: Mutex::new(State { names, journal }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Output for Store {
    fn destination(&self, url: &Url) -> Result<Destination> {
        self.originals.forget(url.as_str());
        let name = self.state().names.of(url);
        Ok(Destination {
            aside: self.aside.clone(),
            path: self.folder.join(&name),
            name,
        })
    }

    fn judge(&self, response: Response, url: &Url) -> Result<Answer, Failure> {
        match answer::redirect(&response, url)? {
            Some(target) => Ok(Answer::Redirect(target)),
            None => answer::successful(response).map(Answer::Page),
        }
    }

    fn follows_redirects(&self) -> bool {
        false
    }

    fn is_searched(&self) -> bool {
        true
    }

    fn checks_again(&self) -> bool {
        self.checks_again
    }

    /// A file is whole if it is as long as it was. Which links are in one that was kept as it came
    /// is not seen in the file.
    fn earlier(&self, url: &Url) -> Option<(Entry, PathBuf)> {
        let entry = self.earlier.get(url.as_str())?;
        let path = self.folder.join(entry.file.as_deref().unwrap_or_default());
        if let Some(original) = self.originals.of(&entry.url, entry.bytes) {
            return Some((entry.clone(), original));
        }
        let is_there = match entry.file {
            Some(_) => entry.remark.is_none() && is_whole(&path, entry.bytes),
            None => entry.location.is_some(),
        };
        is_there.then(|| (entry.clone(), path))
    }

    fn note(&self, entry: &Entry) -> Result<()> {
        self.state().journal.append(entry)
    }

    /// Writes `index.json`, and unlocks the folder. If that fails, the journal stays. If only the
    /// links can't be converted, the index is written all the same.
    fn close(self: Box<Self>, ending: &Ending<'_>) -> Result<()> {
        let Self {
            folder,
            aside,
            earlier,
            originals,
            convert,
            lock,
            state,
            ..
        } = *self;
        let State { names, mut journal } =
            state.into_inner().unwrap_or_else(PoisonError::into_inner);
        journal.release();
        // Pages that this crawl did not come to are still there from an earlier one.
        let noted: HashSet<&str> = journal.urls().collect();
        let is_missing = |entry: &&Entry| !noted.contains(&*entry.url);
        let missing: Vec<_> = earlier.values().filter(is_missing).collect();
        for entry in missing {
            journal.append(entry)?;
        }
        let mut renamed = HashMap::new();
        if names.has_clashed() {
            let mut files = Vec::new();
            for line in journal.read()? {
                let entry: Entry = serde_json::from_slice(&line?)?;
                // Somebody may have removed a file of an earlier crawl.
                let is_there = |file: &String| folder.join(file).exists();
                let file = entry.file.filter(|file| names.is_contested(file));
                files.extend(file.filter(is_there).map(|file| (entry.url, file)));
            }
            renamed = names.settle(&folder, &aside, &files)?;
        }
        let mut converted = Ok(());
        if let Some(case) = convert {
            let converter = Converter {
                folder: &folder,
                aside: &aside,
                originals: &originals,
                case,
            };
            let entries = journal.read()?.map(|line| entry(&line?, &renamed));
            let again = converter.convert(&entries.collect::<Result<Vec<_>>>()?);
            let again = again.unwrap_or_else(|error| {
                converted = Err(error);
                HashMap::new()
            });
            for name in renamed.values_mut() {
                *name = again.get(name).unwrap_or(name).clone();
            }
            for (from, to) in again {
                renamed.entry(from).or_insert(to);
            }
        }
        let pages = journal.read()?.map(|line| {
            let line = line?;
            if renamed.is_empty() {
                return Ok(line);
            }
            Ok(serde_json::to_vec(&entry(&line, &renamed)?)?)
        });
        let index = Index {
            from: ending.seeds.iter().map(ToString::to_string).collect(),
            complete: ending.complete,
            pages: Vec::new(),
        };
        index.write(
            &Destination {
                name: "index.json".to_owned(),
                path: folder.join("index.json"),
                aside: aside.clone(),
            },
            pages,
        )?;
        write_elsewhere(&folder, &aside, ending.elsewhere)?;
        drop(journal);
        remove_files(&aside, "")?;
        // Windows keeps the name of a removed file until the file is closed.
        drop(lock);
        let gone = fs::remove_dir(&aside);
        gone.with_context(|| format!("can't remove {}", aside.display()))?;
        converted
    }
}

/// Reads a line of the journal. Its file may have got another name since.
fn entry(line: &[u8], renamed: &HashMap<String, String>) -> Result<Entry> {
    let mut entry: Entry = serde_json::from_slice(line)?;
    entry.file = entry
        .file
        .map(|file| renamed.get(&file).cloned().unwrap_or(file));
    Ok(entry)
}
