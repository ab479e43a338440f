//! What is known of each page while a crawl runs: a line of JSON a page.
//!
//! Only where each line is stays in memory: for a crawl of a million pages there is no room for
//! more.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::index::Entry;
use super::reserve::Reserve;

/// A line waits in memory for at most this long until the next one is written. A page whose line is
/// lost by a `kill -9` is only requested again.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);

/// The longest journal that is read at once.
const IN_MEMORY: u64 = 32 << 20;

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// The lines that are not in the file yet.
    buffer: Vec<u8>,
    /// The length of the file with them.
    length: u64,
    lines: Vec<Line>,
    flushed: Instant,
    reserve: Reserve,
    /// The length of what earlier crawls noted, which is written again at the end.
    earlier: u64,
}

/// As many bytes wait in memory at most.
const LONGEST_BUFFER: usize = 8 << 10;

/// What is written at the end of a crawl, apart from lines that are known by then.
const REST: u64 = 48 << 10;

/// A line of this crawl: its page's URL, and where it is. Lines are sorted by URL.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    url: Box<str>,
    start: u64,
    length: usize,
}

impl Journal {
    /// Opens a journal to append to it. The lines that are in it already are not those of this
    /// crawl. `index` is the length of what else is known of earlier crawls.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn open(path: PathBuf, index: u64) -> Result<Self> {
        let cant = || format!("can't write {}", path.display());
        // Not opened with `append`: Windows does not let such a file be emptied.
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).read(true).write(true);
        let mut file = options.open(&path).with_context(cant)?;
        let mut length = file.seek(SeekFrom::End(0)).with_context(cant)?;
        if length > 0 {
            // The last line may be torn: the next one must not become a part of it.
            file.write_all(b"\n").with_context(cant)?;
            length += 1;
        }
        Ok(Self {
            reserve: Reserve::new(path.with_file_name("reserve")).with_context(cant)?,
            earlier: length + index,
            path,
            file,
            buffer: Vec::new(),
            length,
            lines: Vec::new(),
            flushed: Instant::now(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets what earlier crawls wrote.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn clear(&mut self) -> Result<()> {
        let emptied = self.file.rewind();
        let emptied = emptied.and_then(|()| self.file.set_len(0));
        emptied.with_context(|| format!("can't write {}", self.path.display()))?;
        (self.length, self.earlier) = (0, 0);
        Ok(())
    }

    /// Appends a line, and writes what waits in memory if it has waited for long enough.
    ///
    /// # Errors
    /// If the disk takes no more. The line is kept all the same.
    pub fn append(&mut self, entry: &Entry) -> Result<()> {
        let mut line = serde_json::to_vec(entry).context("an entry")?;
        line.push(b'\n');
        self.lines.push(Line {
            url: entry.url.as_str().into(),
            start: self.length,
            length: line.len(),
        });
        self.length += line.len() as u64;
        self.buffer.extend_from_slice(&line);
        if self.buffer.len() > LONGEST_BUFFER || self.flushed.elapsed() > FLUSH_INTERVAL {
            self.flush().context("can't write the journal")?;
            self.flushed = Instant::now();
        }
        // `index.json` is as long as the journal, and lines of earlier crawls come to both.
        let room = self.length + 2 * self.earlier + REST;
        let kept = self.reserve.keep(room);
        kept.context("the disk has room for no more pages, but for index.json")
    }

    /// Writes what waits in memory.
    fn flush(&mut self) -> io::Result<()> {
        while !self.buffer.is_empty() {
            match self.file.write(&self.buffer) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(bytes) => drop(self.buffer.drain(..bytes)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => match self.reserve.release() {
                    true => {}
                    false => return Err(error),
                },
            }
        }
        Ok(())
    }

    /// Gives the room that is kept on the disk to what is written at the end of a crawl.
    pub fn release(&mut self) {
        self.reserve.release();
    }

    /// The URLs of this crawl's lines.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| &*line.url)
    }

    /// Reads this crawl's lines, in the order of their URLs.
    ///
    /// # Errors
    /// If it can't be written or read.
    pub fn read(&mut self) -> Result<impl Iterator<Item = Result<Vec<u8>>>> {
        self.flush().context("can't write the journal")?;
        self.lines.sort_unstable();
        // Of a page that was requested again the last line counts.
        self.lines.dedup_by(|later, line| {
            let is_same = later.url == line.url;
            if is_same {
                std::mem::swap(later, line);
            }
            is_same
        });
        let file = File::open(&self.path);
        let mut file = file.with_context(|| format!("can't read {}", self.path.display()))?;
        // Lines are in another order than they were written, and each would cost three calls.
        let mut all = Vec::new();
        if self.length <= IN_MEMORY {
            file.read_to_end(&mut all)?;
        }
        Ok(self.lines.iter().map(move |line| {
            let start = usize::try_from(line.start)?;
            if let Some(text) = all.get(start..start + line.length) {
                return Ok(text.to_vec());
            }
            let mut text = vec![0; line.length];
            file.seek(SeekFrom::Start(line.start))?;
            let read = file.read_exact(&mut text);
            read.context("the journal is too short")?;
            Ok(text)
        }))
    }
}
