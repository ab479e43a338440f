//! What is told on stderr while a command runs: at once, and each line once.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use imgproc::{Outcome, Task};
use indicatif::ProgressBar;
use timing::cli;

/// The lines so far.
#[derive(Debug, Default)]
pub struct Told {
    lines: Mutex<Lines>,
    /// Whether failures are all that is told.
    quiet: bool,
}

#[derive(Debug, Default)]
struct Lines {
    all: BTreeSet<String>,
    failures: bool,
}

impl Told {
    /// Makes an empty one.
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            ..Self::default()
        }
    }

    /// Tells what is to be said about a photo's outcome.
    pub fn outcome(&self, task: &Task, outcome: &Outcome, progress: &ProgressBar) {
        match outcome {
            Outcome::Failed(cause) | Outcome::NoRoom(cause) => {
                self.failure(&task.input, cause, progress);
            }
            Outcome::Done(done) => {
                if let Some(left_out) = &done.left_out {
                    let path = task.input.display();
                    self.note(&format!("note: {path}: left out: {left_out}"), progress);
                }
            }
            Outcome::Skipped => {}
        }
    }

    /// Tells a failure.
    pub fn failure(&self, path: &Path, cause: &str, progress: &ProgressBar) {
        // Some causes contain line breaks.
        let cause: Vec<_> = cause.split_whitespace().collect();
        let line = format!("error: {}: {}", path.display(), cause.join(" "));
        self.line(&line, true, progress);
    }

    /// Tells what is no failure.
    pub fn note(&self, line: &str, progress: &ProgressBar) {
        if !self.quiet {
            self.line(line, false, progress);
        }
    }

    /// Whether a failure was told.
    pub fn failures(&self) -> bool {
        let lines = self.lines.lock();
        lines.unwrap_or_else(PoisonError::into_inner).failures
    }

    fn line(&self, line: &str, failure: bool, progress: &ProgressBar) {
        let lines = self.lines.lock();
        let mut lines = lines.unwrap_or_else(PoisonError::into_inner);
        lines.failures |= failure;
        if lines.all.insert(line.to_owned()) {
            // The bar, which is on stderr too, makes room for the line.
            progress.suspend(|| cli::complain(line));
        }
    }
}
