//! What became of a photo.

use anyhow::Result;
use serde::{Deserialize, Serialize};

/// What became of a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Its result is written.
    Done(Done),
    /// Why there is no result: the whole chain of causes.
    Failed(String),
    /// The job was stopped before its turn came.
    Skipped,
}

/// The size of what was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Pixels of the photo that was read.
    pub pixels: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Bytes written.
    pub bytes_out: u64,
}

impl Outcome {
    /// What was done, if it was.
    pub fn done(&self) -> Option<&Done> {
        match self {
            Self::Done(done) => Some(done),
            Self::Failed(_) | Self::Skipped => None,
        }
    }
}

impl<'a> std::iter::Sum<&'a Done> for Done {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            pixels: sum.pixels + one.pixels,
            bytes_in: sum.bytes_in + one.bytes_in,
            bytes_out: sum.bytes_out + one.bytes_out,
        })
    }
}

impl From<Result<Done>> for Outcome {
    fn from(result: Result<Done>) -> Self {
        result.map_or_else(|error| Self::Failed(format!("{error:#}")), Self::Done)
    }
}
