//! The student's program: what it is told, and what it does.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

use anyhow::{Result, bail};
use clap::Parser;

use super::check::{self, Checked};
use super::exercise::{self, Exercise};
use super::progress::Progress;
use crate::cli;

const NOT_COMPILED: &str = "it does not compile.";

/// Lists the exercises of this lesson, and checks the first one that is not solved.
#[derive(Debug, Default, Parser)]
#[command(name = "practise")]
pub(super) struct Arguments {
    /// The exercise [default: the first that is not solved]
    #[arg(value_name = "N")]
    exercise: Option<u32>,

    /// Show the next hint; there are three
    #[arg(long, conflicts_with_all = ["answer", "reset", "watch", "json"])]
    hint: bool,

    /// Show the reference answer, after asking once more
    #[arg(long, conflicts_with_all = ["reset", "watch", "json"])]
    answer: bool,

    /// Put the exercise's file back to what it was at first
    #[arg(long, conflicts_with_all = ["watch", "json"])]
    reset: bool,

    /// Check again whenever the file is saved, and go on with the next exercise when it is solved
    #[arg(long, conflicts_with = "json")]
    watch: bool,

    /// Check all exercises, and print the results as data; the exit status is 0 if all are solved
    #[arg(long, conflicts_with = "exercise")]
    json: bool,
}

/// A lesson with its exercises. `check` is replaced in tests.
pub(super) struct Lesson {
    folder: PathBuf,
    exercises: Vec<Exercise>,
    progress: Progress,
    check: fn(&Path, &Exercise) -> Result<Checked>,
    print: fn(&str) -> Result<()>,
}

impl Lesson {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let exercises = exercise::all(folder)?;
        if exercises.is_empty() {
            bail!("no exercises in {}", folder.display());
        }
        Ok(Self {
            folder: folder.to_owned(),
            exercises,
            progress: Progress::read(folder),
            check: check::run,
            print: cli::print,
        })
    }

    pub(super) fn run(
        &mut self,
        arguments: &Arguments,
        input: &mut impl io::BufRead,
    ) -> Result<bool> {
        if arguments.json {
            return self.report();
        }
        let chosen = match arguments.exercise {
            Some(number) => Some(self.numbered(number)?),
            None => self.next_open()?,
        };
        let asks = arguments.hint || arguments.answer || arguments.reset;
        let Some(exercise) = chosen else {
            if asks {
                bail!("all exercises are solved: say which one, for example `-- 1`");
            }
            self.list()?;
            (self.print)("\nAll are solved. `-- 1` checks the first one again.\n")?;
            return Ok(true);
        };
        if arguments.hint {
            self.hint(&exercise)?;
        } else if arguments.answer {
            self.answer(&exercise, input)?;
        } else if arguments.reset {
            exercise.reset()?;
            (self.print)(&format!("{} is as it was at first.\n", exercise.shown()))?;
        } else {
            if arguments.exercise.is_none() {
                self.list()?;
            }
            match arguments.watch {
                true => self.watch(exercise)?,
                false => drop(self.judge(&exercise)?),
            }
        }
        Ok(true)
    }

    fn numbered(&self, number: u32) -> Result<Exercise> {
        let mut all = self.exercises.iter();
        match all.find(|exercise| exercise.number == number) {
            Some(exercise) => Ok(exercise.clone()),
            None => {
                let numbers = self.exercises.iter().map(|one| one.number.to_string());
                let numbers: Vec<_> = numbers.collect();
                bail!("no exercise {number}: there are {}", numbers.join(", "))
            }
        }
    }

    /// The first exercise whose file is not the one that passed its check.
    fn next_open(&self) -> Result<Option<Exercise>> {
        for exercise in &self.exercises {
            if !self.progress.solved(exercise.number, &exercise.text()?) {
                return Ok(Some(exercise.clone()));
            }
        }
        Ok(None)
    }

    fn list(&self) -> Result<()> {
        let mut text = String::new();
        for exercise in &self.exercises {
            let source = exercise.text()?;
            let state = match self.progress.solved(exercise.number, &source) {
                true => "solved",
                false => "open",
            };
            let (number, name) = (exercise.number, &exercise.name);
            let _ = writeln!(text, "{state:>6}  {number} {name:10} {}", exercise.title()?);
        }
        (self.print)(&text)
    }

    /// Checks one exercise, tells what was found, and remembers it.
    fn judge(&mut self, exercise: &Exercise) -> Result<bool> {
        // The text is read before the check, so a change during it is not taken for checked.
        let text = exercise.text()?;
        (self.print)(&format!("\nChecking {} ...\n", exercise.shown()))?;
        let checked = (self.check)(&self.folder, exercise)?;
        let solved = matches!(checked, Checked::Right(_));
        self.progress.set(exercise.number, solved, &text)?;
        let told = match checked {
            Checked::Right(scope) => wrapped(&format!("Solved: {scope}")),
            Checked::Wrong(mistake) => {
                let mut told = wrapped(&format!("Not yet: {}", mistake.sentence));
                for (line, number) in mistake.story.iter().zip(1..) {
                    let _ = writeln!(told, "  {number:>3}. {line}");
                }
                told + &self.help(exercise)
            }
            Checked::NotCompiled(known) => {
                let known = known.unwrap_or_else(|| NOT_COMPILED.to_owned());
                wrapped(&format!("Not yet: {known}")) + &self.help(exercise)
            }
        };
        (self.print)(&told)?;
        Ok(solved)
    }

    fn help(&self, exercise: &Exercise) -> String {
        let lesson = self.folder.file_name().unwrap_or_default().display();
        let command = format!("cargo run -p {lesson} --example practise-{lesson} --");
        format!(
            "\nStuck? `{command} {} --hint`\n(or `--answer`, or `--reset`)\n",
            exercise.number
        )
    }

    fn hint(&mut self, exercise: &Exercise) -> Result<()> {
        let hints = exercise.hints()?;
        let number = self.progress.next_hint(exercise.number, hints.len())?;
        let Some(hint) = hints.get(number - 1) else {
            bail!("no hints for {}", exercise.shown());
        };
        (self.print)(&format!("Hint {number} of {}\n\n{hint}\n", hints.len()))
    }

    fn answer(&self, exercise: &Exercise, input: &mut impl io::BufRead) -> Result<()> {
        let question = "You learn more from one more try, or from a hint (`--hint`).\n\
                        Show the answer all the same? [y/N] ";
        (self.print)(question)?;
        io::stdout().flush()?;
        let mut said = String::new();
        input.read_line(&mut said)?;
        match said.trim() {
            "y" | "Y" | "yes" => (self.print)(&format!("\n{}", exercise.answer()?)),
            _ => (self.print)("\nGood.\n"),
        }
    }

    /// Checks again after each change of the file. Ends when all exercises are solved.
    fn watch(&mut self, mut exercise: Exercise) -> Result<()> {
        loop {
            // Asked before the check, so that a change during it is not missed.
            let before = modified(&exercise.path);
            if self.judge(&exercise)? {
                let Some(next) = self.next_open()? else {
                    return (self.print)("\nAll are solved.\n");
                };
                exercise = next;
            } else {
                (self.print)("\nWaiting for you to save the file (Ctrl-C ends it) ...\n")?;
                // An editor may replace the file, so for a moment there may be none.
                while matches!(modified(&exercise.path), now if now.is_none() || now == before) {
                    thread::sleep(Duration::from_millis(300));
                }
            }
        }
    }

    /// Checks all exercises, and prints the results as JSON. Returns whether all are solved.
    fn report(&mut self) -> Result<bool> {
        let mut results = Vec::new();
        for exercise in &self.exercises {
            let text = exercise.text()?;
            let checked = (self.check)(&self.folder, exercise)?;
            let (solved, words) = match checked {
                Checked::Right(scope) => (true, scope),
                Checked::Wrong(mistake) => (false, mistake.sentence),
                Checked::NotCompiled(known) => {
                    (false, known.unwrap_or_else(|| NOT_COMPILED.to_owned()))
                }
            };
            self.progress.set(exercise.number, solved, &text)?;
            results.push(serde_json::json!({
                "exercise": exercise.number, "name": exercise.name,
                "solved": solved, "found": words,
            }));
        }
        (self.print)(&format!("{}\n", serde_json::to_string_pretty(&results)?))?;
        Ok(results.iter().all(|result| result["solved"] == true))
    }
}

/// Breaks a sentence into lines of at most 80 columns, where its words allow it.
fn wrapped(sentence: &str) -> String {
    let mut lines = vec![String::new()];
    for word in sentence.split_whitespace() {
        let last = lines.last_mut().expect("there is one");
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() <= 80 {
            *last += &format!(" {word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join("\n") + "\n"
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

#[cfg(test)]
mod tests;
