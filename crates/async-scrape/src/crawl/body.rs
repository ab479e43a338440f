//! A body while it arrives or is decoded: its end is in memory, and all before that in a file.

use std::io::{BufRead, BufReader, Read};

use anyhow::Result;

use crate::file::{Destination, Part};

/// The most bytes of a body that are held in memory. A longer body goes to the disk as it arrives.
pub const IN_MEMORY: usize = 1 << 20;

/// A body that is not whole yet.
#[derive(Debug, Default)]
pub struct Body {
    /// The file, if the body was too long for memory.
    pub part: Option<Part>,
    /// What is not in the file.
    pub memory: Vec<u8>,
}

impl Body {
    /// Writes what is in memory to the file.
    ///
    /// # Errors
    /// If it can't be written, or the file would be longer than `most` bytes.
    pub fn spill(&mut self, destination: &Destination, most: u64) -> Result<()> {
        let part = match &mut self.part {
            Some(part) => part,
            none => none.insert(Part::new(destination)?),
        };
        part.add(&self.memory, most)?;
        self.memory.clear();
        Ok(())
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.part.is_none() && self.memory.is_empty()
    }

    /// How long it is so far.
    pub fn bytes(&self) -> u64 {
        self.part.as_ref().map_or(0, Part::bytes) + self.memory.len() as u64
    }

    /// Reads it from its beginning.
    ///
    /// # Errors
    /// If its file can't be opened.
    pub fn reader(&self) -> Result<Box<dyn BufRead + '_>> {
        Ok(match &self.part {
            None => Box::new(&*self.memory),
            Some(part) => Box::new(BufReader::new(part.reread()?).chain(&*self.memory)),
        })
    }
}
