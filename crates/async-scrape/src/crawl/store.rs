//! The folder of a crawl: its files, and what is known of each page.
//!
//! `index.json` is written at the end. Until then there is `.crawl/journal`, a line a page, so that even after `kill -9` a later run with
//! `--resume` knows which files are whole; and what is not whole is in `.crawl`, too.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use timing::cli;

use super::place::Places;
use crate::file::Part;

/// Where what is not finished is.
const ASIDE: &str = ".crawl";

/// So long a line may wait in memory. A page that was written down too late is asked for again.
const PATIENCE: Duration = Duration::from_secs(1);

/// What became of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Where it is.
    pub url: String,
    /// What the server answered, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Its file, from the folder on, with `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How long the file is.
    pub bytes: u64,
    /// How many different pages it links to, of any server.
    pub links: usize,
    /// When it was done (UTC).
    pub at: String,
    /// How long it took, in milliseconds, with all tries.
    pub ms: u64,
    /// The server's word on what it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content_type: String,
    /// Where it redirects to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Why it was not asked for, or not followed: that is as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// Why it was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The folder, while this process has it for itself.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    aside: PathBuf,
    /// What an earlier crawl had.
    old: HashMap<String, Entry>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    places: Places,
    entries: Vec<Entry>,
    journal: BufWriter<File>,
    flushed: Instant,
}

impl Store {
    /// Makes the folder if there is none, and takes it. With `resume`, what an earlier crawl had is known.
    ///
    /// # Errors
    /// If it can't be made or written, or another process has it.
    pub fn open(folder: &Path, resume: bool) -> Result<Self> {
        let aside = folder.join(ASIDE);
        fs::create_dir_all(&aside)
            .with_context(|| format!("can't make the folder {}", aside.display()))?;
        let path = aside.join("journal");
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        let journal = options
            .open(&path)
            .with_context(|| format!("can't write {}", path.display()))?;
        match journal.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another crawl writes into {}", folder.display())
            }
            Err(TryLockError::Error(error)) => return Err(error).context("can't lock the journal"),
        }
        // Half files of a process that was killed.
        for entry in fs::read_dir(&aside)
            .with_context(|| format!("can't read {}", aside.display()))?
            .flatten()
        {
            if entry.file_name().to_string_lossy().starts_with(".part-") {
                let _ = fs::remove_file(entry.path());
            }
        }
        let (mut old, mut places) = (HashMap::new(), Places::default());
        if resume {
            for entry in earlier(folder, &path)? {
                old.insert(entry.url.clone(), entry);
            }
            old.retain(|_, entry| entry.error.is_none() && entry.skipped.is_none());
            for (url, entry) in &old {
                if let Some(file) = &entry.file {
                    places.keep(url, file);
                }
            }
        } else {
            // What it says of is about to be written over.
            let _ = fs::remove_file(folder.join("index.json"));
            journal
                .set_len(0)
                .with_context(|| format!("can't write {}", path.display()))?;
        }
        let journal = BufWriter::new(journal);
        let state = State {
            places,
            entries: Vec::new(),
            journal,
            flushed: Instant::now(),
        };
        Ok(Self {
            folder: folder.to_owned(),
            aside,
            old,
            state: Mutex::new(state),
        })
    }

    /// What an earlier crawl had of this page, if the file is still there, as long as it was.
    pub fn earlier(&self, url: &Url) -> Option<(Entry, PathBuf)> {
        let entry = self.old.get(url.as_str())?;
        let path = self.folder.join(entry.file.as_deref().unwrap_or_default());
        let is_whole = match entry.file {
            Some(_) => {
                fs::metadata(&path).is_ok_and(|data| data.is_file() && data.len() == entry.bytes)
            }
            None => entry.location.is_some(),
        };
        is_whole.then(|| (entry.clone(), path))
    }

    /// A file for this page, and its name.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn part(&self, url: &Url) -> Result<(Part, String)> {
        let name = self
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .places
            .of(url);
        Ok((Part::new(&self.aside, self.folder.join(&name))?, name))
    }

    /// Writes down what became of a page.
    ///
    /// # Errors
    /// If the disk takes no more.
    pub fn note(&self, entry: &Entry) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.entries.push(entry.clone());
        if !self.old.contains_key(&entry.url) {
            serde_json::to_writer(&mut state.journal, entry).context("can't write the journal")?;
            state
                .journal
                .write_all(b"\n")
                .context("can't write the journal")?;
        }
        if state.flushed.elapsed() > PATIENCE {
            state.journal.flush().context("can't write the journal")?;
            state.flushed = Instant::now();
        }
        Ok(())
    }

    /// Writes `index.json`, and gives the folder back. Returns the entries, in the order of their URLs.
    ///
    /// # Errors
    /// If that can't be written: then the journal stays.
    pub fn close(self, from: &[Url], complete: bool) -> Result<Vec<Entry>> {
        let mut state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let renamed = state.places.settle(&self.folder)?;
        state.entries.sort_by(|a, b| a.url.cmp(&b.url));
        for entry in &mut state.entries {
            if let Some(name) = entry.file.as_ref().and_then(|file| renamed.get(file)) {
                entry.file = Some(name.clone());
            }
        }
        let index = Index {
            from: from.iter().map(Url::to_string).collect(),
            complete,
            pages: state.entries,
        };
        let path = self.folder.join("index.json");
        cli::write(&path, &(serde_json::to_string_pretty(&index)? + "\n"))?;
        drop(state.journal);
        fs::remove_dir_all(&self.aside)
            .with_context(|| format!("can't remove {}", self.aside.display()))?;
        Ok(index.pages)
    }
}

#[derive(Serialize, Deserialize)]
struct Index {
    from: Vec<String>,
    complete: bool,
    pages: Vec<Entry>,
}

/// What is known from before: the index of a crawl that ended, and the journal of one that did not.
fn earlier(folder: &Path, journal: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let path = folder.join("index.json");
    if path.exists() {
        let read =
            fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
        let index: Index = serde_json::from_str(&read).with_context(|| {
            format!(
                "{} is not of a crawl: start without --resume",
                path.display()
            )
        })?;
        entries = index.pages;
    }
    let lines = fs::read(journal).with_context(|| format!("can't read {}", journal.display()))?;
    // The last line may be torn.
    entries.extend(
        lines
            .split(|&b| b == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok()),
    );
    Ok(entries)
}
