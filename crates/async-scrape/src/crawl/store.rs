//! The folder of a crawl: its files, and what is known of each page.
//!
//! `index.json` is written at the end. Until then there is `.crawl/journal`, a line a page, so that even after `kill -9` a later run with
//! `--resume` knows which files are whole; and what is not whole is in `.crawl`, too.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufWriter, IntoInnerError, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::Url;

use super::index::{Entry, earlier};
use super::place::Places;
use crate::file::{Part, Place};

/// Where what is not finished is.
const ASIDE: &str = ".crawl";

/// A line that waits in memory is written with the next one after so long. A page that was written down too late is asked for again.
const PATIENCE: Duration = Duration::from_secs(1);

/// The folder, while this process has it for itself.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    aside: PathBuf,
    /// What an earlier crawl had.
    old: HashMap<String, Entry>,
    /// Locked as long as this is there.
    _held: File,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    places: Places,
    journal: BufWriter<File>,
    /// How long the journal is.
    end: u64,
    /// Of each page, its URL, and where its line is: a crawl of a million pages has no room for more.
    lines: Vec<(Box<str>, u64, usize)>,
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
        let held = aside.join("lock");
        let held =
            File::create(&held).with_context(|| format!("can't write {}", held.display()))?;
        match held.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another crawl writes into {}", folder.display())
            }
            Err(TryLockError::Error(error)) => return Err(error).context("can't lock the folder"),
        }
        let path = aside.join("journal");
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true);
        let journal = options.open(&path);
        let mut journal = journal.with_context(|| format!("can't write {}", path.display()))?;
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
        let known = earlier(folder, &path);
        // Whoever begins anew wants the same pages in the same files as before, but nothing of what is in them.
        for entry in if resume {
            known?
        } else {
            known.unwrap_or_default()
        } {
            old.insert(entry.url.clone(), entry);
        }
        old.retain(|_, entry| entry.error.is_none() && entry.skipped.is_none());
        for (url, entry) in &old {
            if let Some(file) = &entry.file {
                places.keep(url, file);
            }
        }
        let cant = || format!("can't write {}", path.display());
        if !resume {
            old.clear();
            let _ = fs::remove_file(folder.join("index.json"));
            journal.set_len(0).with_context(cant)?;
        }
        let mut end = journal.metadata().context("can't read the journal")?.len();
        if end > 0 {
            // The last line may be torn: the next one must not be a part of it.
            journal.write_all(b"\n").with_context(cant)?;
            end += 1;
        }
        let state = State {
            places,
            journal: BufWriter::new(journal),
            end,
            lines: Vec::new(),
            flushed: Instant::now(),
        };
        Ok(Self {
            folder: folder.to_owned(),
            aside,
            old,
            _held: held,
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

    /// Where this page's file is to be.
    pub fn place(&self, url: &Url) -> Place {
        let name = self.lock().places.of(url);
        Place {
            aside: self.aside.clone(),
            path: self.folder.join(&name),
            name,
        }
    }

    /// Writes down what became of a page.
    ///
    /// # Errors
    /// If the disk takes no more.
    pub fn note(&self, entry: &Entry) -> Result<()> {
        let mut state = self.lock();
        state.write(entry)?;
        if state.flushed.elapsed() > PATIENCE {
            state.journal.flush().context("can't write the journal")?;
            state.flushed = Instant::now();
        }
        Ok(())
    }

    /// Writes `index.json`, with the entries in the order of their URLs, and gives the folder back.
    ///
    /// # Errors
    /// If that can't be written: then the journal stays.
    pub fn close(self, from: &[Url], complete: bool) -> Result<()> {
        let mut state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        // What this crawl didn't come to is still there.
        let noted: HashSet<_> = state.lines.iter().map(|(url, ..)| url.clone()).collect();
        for entry in self.old.values().filter(|old| !noted.contains(&*old.url)) {
            state.write(entry)?;
        }
        state.journal.flush().context("can't write the journal")?;
        state.lines.sort_unstable();
        let path = self.aside.join("journal");
        let mut journal =
            File::open(&path).with_context(|| format!("can't read {}", path.display()))?;
        let mut line_of = |start: u64, length: usize| -> Result<Vec<u8>> {
            let mut line = vec![0; length];
            journal.seek(SeekFrom::Start(start))?;
            journal
                .read_exact(&mut line)
                .context("the journal is too short")?;
            Ok(line)
        };
        let mut renamed = HashMap::new();
        if state.places.has_clashed() {
            let mut files = Vec::new();
            for (_, start, length) in &state.lines {
                let entry: Entry = serde_json::from_slice(&line_of(*start, *length)?)?;
                files.extend(entry.file.map(|file| (entry.url, file)));
            }
            renamed = Places::settle(&self.folder, &self.aside, &files)?;
        }
        let place = Place {
            name: "index.json".to_owned(),
            path: self.folder.join("index.json"),
            aside: self.aside.clone(),
        };
        let cant = || format!("can't write {}", place.path.display());
        let part = Part::new(&place)?;
        let mut index = BufWriter::new(part);
        let from: Vec<_> = from.iter().map(Url::as_str).collect();
        write!(
            index,
            "{{\"from\":{},\"complete\":{complete},\"pages\":[",
            serde_json::to_string(&from)?
        )
        .with_context(cant)?;
        let mut comma = "\n";
        for (_, start, length) in &state.lines {
            let mut line = line_of(*start, *length)?;
            if !renamed.is_empty() {
                let mut entry: Entry = serde_json::from_slice(&line)?;
                entry.file = entry
                    .file
                    .map(|file| renamed.get(&file).cloned().unwrap_or(file));
                line = serde_json::to_vec(&entry)?;
            }
            index.write_all(comma.as_bytes()).with_context(cant)?;
            index.write_all(line.trim_ascii_end()).with_context(cant)?;
            comma = ",\n";
        }
        index.write_all(b"\n]}\n").with_context(cant)?;
        index
            .into_inner()
            .map_err(IntoInnerError::into_error)
            .with_context(cant)?
            .finish()?;
        drop(state.journal);
        let gone = fs::remove_dir_all(&self.aside);
        gone.with_context(|| format!("can't remove {}", self.aside.display()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(&mut self, entry: &Entry) -> Result<()> {
        let mut line = serde_json::to_vec(entry).context("an entry")?;
        line.push(b'\n');
        let written = self.journal.write_all(&line);
        written.context("can't write the journal")?;
        let url = entry.url.as_str().into();
        self.lines.push((url, self.end, line.len()));
        self.end += line.len() as u64;
        Ok(())
    }
}
