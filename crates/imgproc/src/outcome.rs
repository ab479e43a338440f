//! The outcome of each photo.

use std::io::{self, ErrorKind};

use anyhow::{Error, Result};
use serde::{Deserialize, Serialize};

/// The outcome of one photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The result is written.
    Done(Done),
    /// There is no result; the text is the whole chain of causes.
    Failed(String),
    /// There is no result, and there will be none of the others: the disk is full, or nobody may
    /// write to it any more. The text is the whole chain of causes.
    NoRoom(String),
    /// The job was stopped before this photo.
    Skipped,
}

/// What was done, in numbers, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The pixels of the photos that were read.
    pub pixels: u64,
    /// The bytes that were read.
    pub bytes_in: u64,
    /// The bytes that were written.
    pub bytes_out: u64,
    /// What the file contained and the result does not, in words. A sum has none.
    pub left_out: Option<String>,
}

impl Outcome {
    /// Returns the sizes if there is a result.
    pub fn done(&self) -> Option<&Done> {
        match self {
            Self::Done(done) => Some(done),
            Self::Failed(_) | Self::NoRoom(_) | Self::Skipped => None,
        }
    }
}

impl<'a> std::iter::Sum<&'a Done> for Done {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            pixels: sum.pixels + one.pixels,
            bytes_in: sum.bytes_in + one.bytes_in,
            bytes_out: sum.bytes_out + one.bytes_out,
            left_out: None,
        })
    }
}

impl From<Result<Done>> for Outcome {
    fn from(result: Result<Done>) -> Self {
        match result {
            Ok(done) => Self::Done(done),
            Err(error) if no_room(&error) => Self::NoRoom(in_a_line(&error)),
            Err(error) => Self::Failed(in_a_line(&error)),
        }
    }
}

/// Whether an error is one of the whole file system. (One that is read from has no such errors.)
fn no_room(error: &Error) -> bool {
    let kinds = error.chain().filter_map(|cause| cause.downcast_ref());
    kinds.map(io::Error::kind).any(|kind| {
        matches!(
            kind,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem
        )
    })
}

/// Returns an error with its causes. Some errors repeat their causes, which are told once.
fn in_a_line(error: &Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = cause;
        } else if !line.contains(&cause) {
            line += &format!(": {cause}");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::anyhow!("no room")
            .context("disk: no room")
            .context("can't write");
        assert_eq!(in_a_line(&error), "can't write: disk: no room");
    }

    #[test]
    fn a_full_disk_is_told_from_a_file_that_failed() {
        let outcome = |kind: ErrorKind| {
            let error = anyhow::Error::from(io::Error::from(kind)).context("can't write");
            Outcome::from(Err(error))
        };
        for kind in [
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::ReadOnlyFilesystem,
        ] {
            assert!(matches!(outcome(kind), Outcome::NoRoom(_)), "{kind}");
        }
        for kind in [ErrorKind::PermissionDenied, ErrorKind::FileTooLarge] {
            assert!(matches!(outcome(kind), Outcome::Failed(_)), "{kind}");
        }
    }
}
