//! Practising: exercises whose checks know the wrong answers.
//!
//! An exercise of a lesson is five things, all in the lesson's folder:
//!
//! | file | what it is |
//! |---|---|
//! | `exercises/e1_hold.rs` | the student's file: its task in `//!`; it compiles and is wrong |
//! | `exercises/e1.hints.md` | hints, the vaguest first, with a line `---` between them |
//! | `.answers/e1/stub.rs` | the student's file as it was handed out |
//! | `.answers/e1/right.rs` | the reference answer |
//! | `.answers/e1/NAME.rs` | a wrong answer that is known, and the misconception behind it |
//! | `tests/practise/e1/` | the check, as a test target `e1` of its own |
//!
//! The check is a program: [`tell`] is its `main`. [`main`] is the student's program, which builds
//! and runs the checks with cargo. The test target has `test = false`, so that `cargo test` builds
//! no file that a student has half written. [`answers`](crate::answers) makes the test that
//! `cargo test` does run: the stub and all known-wrong answers fail, and the reference passes.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use clap::Parser;

use crate::cli;
pub use build::fresh_cargo;
use lesson::{Arguments, Lesson};

pub mod answers;
mod build;
mod check;
mod exercise;
mod lesson;
mod progress;
#[cfg(feature = "proof")]
pub mod schedules;
#[cfg(feature = "proof")]
pub mod world;

/// What a check found. A right answer comes with the scope of the claim that it is right.
pub type Judgement = Result<String, Mistake>;

/// Why an answer is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The misconception, or what was seen.
    pub sentence: String,
    /// What happened, step by step. Empty if there is nothing to tell.
    pub story: Vec<String>,
}

impl Mistake {
    /// A mistake without a story.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            story: Vec::new(),
        }
    }

    /// The mistake of a known-wrong answer, whose source is given.
    pub fn known(source: &str) -> Self {
        Self::new(misconception(source))
    }

    /// The same story, told with the misconception of a known-wrong answer, if there is one whose
    /// marks it has.
    #[must_use]
    pub fn explained(self, source: Option<&str>) -> Self {
        Self {
            sentence: source.map_or(self.sentence, misconception),
            story: self.story,
        }
    }
}

/// Returns the misconception of a known-wrong answer: what follows `//! misconception:` in its
/// source, up to the end of that paragraph.
///
/// # Panics
/// If it has none.
pub fn misconception(source: &str) -> String {
    header(source, "misconception:").expect("a known-wrong answer names its misconception")
}

/// The paragraph of a source's `//!` comment that begins with this word, on one line.
fn header(source: &str, word: &str) -> Option<String> {
    let mut lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let first = lines.find_map(|line| line.trim_start().strip_prefix(word))?;
    let rest = lines.map(str::trim).take_while(|line| !line.is_empty());
    let words: Vec<_> = std::iter::once(first.trim()).chain(rest).collect();
    Some(words.join(" "))
}

/// The variable in the environment of a check that names the file for its judgement. (The student's
/// code may print.)
const JUDGEMENT: &str = "PRACTISE_JUDGEMENT";

/// Ends a check: tells the judgement, and returns an exit status of 0 for a right answer and of 1
/// for a wrong one.
///
/// It is written to the file that the variable `PRACTISE_JUDGEMENT` names, or else printed.
pub fn tell(judgement: Judgement) -> ExitCode {
    let (text, status) = match judgement {
        Ok(scope) => (format!("{scope}\n"), ExitCode::SUCCESS),
        Err(mistake) => {
            let mut text = format!("{}\n", mistake.sentence);
            for line in mistake.story {
                text += &format!("{line}\n");
            }
            (text, ExitCode::FAILURE)
        }
    };
    let told = match env::var_os(JUDGEMENT) {
        Some(path) => fs::write(path, text).map_err(anyhow::Error::from),
        None => cli::print(&text),
    };
    match told {
        Ok(()) => status,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The student's program, for the lesson in this folder. The exit status is 1 if something could
/// not be done, or if `--json` finds an exercise that is not solved.
pub fn main(folder: &str) -> ExitCode {
    let arguments = Arguments::parse();
    let run = |lesson: &mut Lesson| lesson.run(&arguments, &mut io::stdin().lock());
    cli::exit_code(Lesson::open(Path::new(folder)).and_then(|mut lesson| run(&mut lesson)))
}
