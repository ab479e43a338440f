//! Runs the check of an exercise.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result};

use super::build::build;
use super::exercise::Exercise;
use super::{JUDGEMENT, Mistake};
use crate::limit::within;

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Checked {
    /// The answer is right; the scope of this claim.
    Right(String),
    Wrong(Mistake),
    /// The compiler refused it; the misconception, if that is known.
    NotCompiled(Option<String>),
}

/// After this time a check is ended. That is never a pass: it saves the student from a program that
/// hangs, in a loop in which the checker has no step. A check takes a few seconds.
const LIMIT: Duration = Duration::from_secs(60);
const ENDLESS: &str = "it does not end: a loop goes round for ever, or the thread that all tasks \
                       share waits for one of them.";

/// After this time a student is told that there is a limit.
const PATIENCE: Duration = Duration::from_secs(10);

const HIDDEN: &str = "the check cannot see locks and threads of `std`: what they do is no part of \
                      its schedules. Take them from `super::world`, where they have the same names.";

const UNSAFE: &str = "it has `unsafe` code. Each exercise can be solved in safe Rust, in which the \
                      compiler rules out data races.";

const MISSING: &str = "the file is not there. `--reset` brings it back as it was at first.";

/// How many lines that the student's code prints are shown. A check runs it in many orders.
const SHOWN: usize = 20;

/// Builds the check with cargo, runs it, and reads its judgement.
pub(super) fn run(folder: &Path, exercise: &Exercise) -> Result<Checked> {
    if !exercise.path.exists() {
        return Ok(Checked::Wrong(Mistake::new(MISSING)));
    }
    if exercise.hides_from_the_checker()? {
        return Ok(Checked::Wrong(Mistake::new(HIDDEN)));
    }
    let (program, said) = build(folder, &exercise.target())?;
    let Some(program) = program else {
        complain(&said);
        let is_unsafe = said.contains("unsafe-code") || said.contains("unsafe_code");
        let known = exercise.known_to_the_compiler(&said);
        return Ok(Checked::NotCompiled(match is_unsafe {
            true => Some(UNSAFE.to_owned()),
            false => known,
        }));
    };
    let checked = match judgement(Command::new(&program), LIMIT)? {
        None => Checked::Wrong(Mistake::new(ENDLESS)),
        Some(ended) => ended.checked(),
    };
    // A warning often says the same as the judgement: a future that nobody awaits, for example.
    if !matches!(checked, Checked::Right(_)) {
        complain(&said);
    }
    Ok(checked)
}

/// Shows what the compiler said. (`eprint!` panics if stderr is closed.)
fn complain(said: &str) {
    let _ = write!(io::stderr(), "{said}");
}

/// How a check ended.
#[derive(Debug)]
struct Ended {
    status: ExitStatus,
    /// What it told.
    judgement: String,
    /// What it complained of.
    complaint: String,
}

impl Ended {
    fn checked(&self) -> Checked {
        let mut lines = self.judgement.lines().map(str::to_owned);
        let first = lines.next().unwrap_or_default();
        match self.status.code() {
            // Without a judgement, it was the student's code that ended the program.
            _ if first.is_empty() => {}
            Some(0) => return Checked::Right(first),
            Some(1) => {
                return Checked::Wrong(Mistake {
                    sentence: first,
                    story: lines.collect(),
                });
            }
            _ => {}
        }
        // A panic has a line about its place, and then its message.
        let panicked = |line: &&str| line.contains(" panicked at ");
        let mut said = self.complaint.lines().skip_while(|line| !panicked(line));
        let sentence = match (said.next(), said.next()) {
            (Some(_), Some(message)) => format!("your code panics: {message}"),
            _ => format!(
                "your code ended the program ({}) before the check had come to its end.",
                self.status
            ),
        };
        Checked::Wrong(Mistake::new(sentence))
    }
}

/// Runs a check. Returns how it ended, or `None` if it had to be ended.
fn judgement(mut program: Command, limit: Duration) -> Result<Option<Ended>> {
    let failed = format!("can't run {}", program.get_program().display());
    let file = tempfile::NamedTempFile::new().context("can't make a temporary file")?;
    program.env(JUDGEMENT, file.path());
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().context(failed.clone())?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (ends, ended) = mpsc::channel::<()>();
    thread::spawn(move || {
        let waits = ended.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout);
        if waits && limit > PATIENCE {
            let seconds = limit.as_secs();
            let _ = writeln!(
                io::stderr(),
                "(This takes long. After {seconds} s it is ended.)"
            );
        }
    });
    let shown = thread::spawn(move || stdout.map_or(Ok(()), |pipe| show(pipe, &mut io::stderr())));
    // The checker's own words about each schedule that fails would hide the judgement.
    let complaint = thread::spawn(move || stderr.map_or(Ok(String::new()), last_words));
    let status = match within(child, limit).context(failed.clone())? {
        Ok(output) => output.status,
        Err(_) => return Ok(None),
    };
    drop(ends);
    let panics = "reading does not panic";
    shown.join().expect(panics).context(failed.clone())?;
    let complaint = complaint.join().expect(panics).context(failed.clone())?;
    Ok(Some(Ended {
        status,
        judgement: fs::read_to_string(file.path()).context(failed)?,
        complaint,
    }))
}

/// Shows the first lines that the student's code prints, and counts the others.
fn show(pipe: impl Read, out: &mut impl io::Write) -> io::Result<()> {
    let mut more = 0;
    for (number, line) in BufReader::new(pipe).split(b'\n').enumerate() {
        let line = line?;
        match number < SHOWN {
            true => {
                let _ = writeln!(out, "your code prints: {}", String::from_utf8_lossy(&line));
            }
            false => more += 1,
        }
    }
    if more > 0 {
        let _ = writeln!(
            out,
            "... and {more} more lines: a check runs your code in many orders"
        );
    }
    Ok(())
}

/// The last lines that a program says.
fn last_words(pipe: impl Read) -> io::Result<String> {
    let mut last = std::collections::VecDeque::new();
    for line in BufReader::new(pipe).split(b'\n') {
        if last.len() == SHOWN {
            last.pop_front();
        }
        last.push_back(String::from_utf8_lossy(&line?).into_owned());
    }
    Ok(Vec::from(last).join("\n"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Checked {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        judgement(shell, LIMIT).unwrap().unwrap().checked()
    }

    fn wrong(sentence: &str) -> Checked {
        Checked::Wrong(Mistake::new(sentence))
    }

    #[test]
    fn a_check_that_does_not_end_is_ended_and_told() {
        let mut sleeper = Command::new("sleep");
        sleeper.arg("1000");
        assert!(judgement(sleeper, Duration::ZERO).unwrap().is_none());
    }

    #[test]
    fn what_the_students_code_prints_is_no_judgement() {
        let tell = r#"echo "right in all"; echo "not two" > "$PRACTISE_JUDGEMENT"; exit 1"#;
        assert_eq!(shell(tell), wrong("not two"));
        let tell = r#"echo "right in all" > "$PRACTISE_JUDGEMENT""#;
        assert_eq!(shell(tell), Checked::Right("right in all".to_owned()));
        let missing = judgement(Command::new("no-such-check"), LIMIT).unwrap_err();
        assert!(
            format!("{missing:#}").starts_with("can't run no-such-check: "),
            "{missing:#}"
        );
    }

    #[test]
    fn code_that_ends_the_program_has_not_passed() {
        let sentence =
            "your code ended the program (exit status: 0) before the check had come to its end.";
        assert_eq!(shell("exit 0"), wrong(sentence));
        let panics =
            "echo \"thread 'main' panicked at e1.rs:3:5:\" >&2; echo 'no more' >&2; exit 101";
        assert_eq!(shell(panics), wrong("your code panics: no more"));
    }

    #[test]
    fn of_what_is_printed_the_first_lines_are_shown() {
        let shown = |lines: usize| {
            let mut out = Vec::new();
            show("again\n".repeat(lines).as_bytes(), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(shown(2), "your code prints: again\n".repeat(2));
        assert!(
            shown(1_000).ends_with(
                "again\n... and 980 more lines: a check runs your code in many orders\n"
            )
        );
    }
}
