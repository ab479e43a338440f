//! Room on the disk for the end of a crawl.
//!
//! A crawl may end because the disk is full. Then what became of its pages is still to be written:
//! the rest of the journal, and `index.json`. So a file of zeros is kept that is as long as both,
//! and removed when they are written. On a file system that compresses, or that other programs
//! fill at the same time, it is no promise: then the journal is what remains.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

/// How much the file grows at a time.
const STEP: usize = 64 << 10;

/// Room that is kept until it is needed.
#[derive(Debug)]
pub struct Reserve {
    path: PathBuf,
    file: Option<File>,
    length: u64,
}

impl Reserve {
    /// Keeps no room yet.
    ///
    /// # Errors
    /// If the file can't be made.
    pub fn new(path: PathBuf) -> io::Result<Self> {
        Ok(Self {
            file: Some(File::create(&path)?),
            path,
            length: 0,
        })
    }

    /// Keeps so many bytes, unless they were released.
    ///
    /// # Errors
    /// If there is no room for them. This is told once.
    pub fn keep(&mut self, bytes: u64) -> io::Result<()> {
        while let Some(file) = &mut self.file
            && self.length < bytes
        {
            if let Err(error) = file.write_all(&[0; STEP]) {
                // What is kept already stays on the disk.
                self.file = None;
                return Err(error);
            }
            self.length += STEP as u64;
        }
        Ok(())
    }

    /// Gives all of it to whatever is written next. Returns whether there was anything to give.
    pub fn release(&mut self) -> bool {
        // Windows frees the room of a removed file when the file is closed.
        self.file = None;
        fs::remove_file(&self.path).is_ok() && self.length > 0
    }
}
