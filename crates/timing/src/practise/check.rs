//! Builds and runs the check of an exercise.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;
use std::{env, str};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Mistake;
use super::exercise::Exercise;
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

const HIDDEN: &str = "the check cannot see locks and threads of `std`: what they do is no part of \
                      its schedules. Take them from `super::world`, where they have the same names.";

/// Builds the check with cargo, runs it, and reads its judgement.
pub(super) fn run(folder: &Path, exercise: &Exercise) -> Result<Checked> {
    if exercise.hides_from_the_checker()? {
        return Ok(Checked::Wrong(Mistake::new(HIDDEN)));
    }
    let (program, said) = build(folder, &exercise.target())?;
    let Some(program) = program else {
        // (`eprint!` panics if stderr is closed.)
        let _ = write!(io::stderr(), "{said}");
        return Ok(Checked::NotCompiled(exercise.known_to_the_compiler(&said)));
    };
    let Some((status, text)) = judgement(Command::new(&program), LIMIT)? else {
        return Ok(Checked::Wrong(Mistake::new(ENDLESS)));
    };
    let mut lines = text.lines().map(str::to_owned);
    let first = lines.next().unwrap_or_default();
    match status.code() {
        Some(0) => Ok(Checked::Right(first)),
        Some(1) if !first.is_empty() => Ok(Checked::Wrong(Mistake {
            sentence: first,
            story: lines.collect(),
        })),
        _ => Ok(Checked::Wrong(Mistake::new(format!(
            "the program that runs your code ended with {status}"
        )))),
    }
}

/// Runs a check. Returns its status and what it printed, or `None` if it had to be ended.
fn judgement(mut program: Command, limit: Duration) -> Result<Option<(ExitStatus, String)>> {
    let failed = format!("can't run {}", program.get_program().display());
    // The checker's own words about each schedule that fails would hide the judgement.
    program.stdout(Stdio::piped()).stderr(Stdio::null());
    let child = program.spawn().context(failed.clone())?;
    let Ok(output) = within(child, limit).context(failed.clone())? else {
        return Ok(None);
    };
    let text = String::from_utf8(output.stdout).context(failed)?;
    Ok(Some((output.status, text)))
}

/// Builds a test target. Returns its program, if it compiles, and what the compiler said.
fn build(folder: &Path, target: &str) -> Result<(Option<PathBuf>, String)> {
    let mut command = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command
        .args(["test", "-q", "--no-run", "--message-format=json", "--test"])
        .args([target, "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .stderr(Stdio::piped());
    // `cargo run` describes the package that it runs in variables, and some build scripts ask to be
    // run again when these change: all that depends on them would be built again.
    for (name, _) in env::vars_os() {
        let describes = |prefix| name.to_string_lossy().starts_with(prefix);
        if describes("CARGO_PKG_") || describes("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    let output = command.output().context("can't run cargo")?;
    let (mut program, mut said) = (None, String::new());
    for line in str::from_utf8(&output.stdout)?.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        if let Some(rendered) = message["message"]["rendered"].as_str() {
            // The check mounts the student's file by a path from its own folder.
            let detour = format!("tests/practise/{target}/../../../");
            said += &rendered.replace(&detour, "");
        }
        let is_target = message["target"]["name"] == target;
        if let (true, Some(path)) = (is_target, message["executable"].as_str()) {
            program = Some(PathBuf::from(path));
        }
    }
    if !output.status.success() {
        program = None;
        // Without a word from the compiler, it is cargo that failed.
        if said.is_empty() {
            bail!("cargo: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
    }
    Ok((program, said))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_does_not_end_is_ended_and_told() {
        let mut sleeper = Command::new("sleep");
        sleeper.arg("1000");
        assert!(judgement(sleeper, Duration::ZERO).unwrap().is_none());
    }

    #[test]
    fn what_a_check_prints_comes_with_its_status() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo not two; exit 1"]);
        let (status, text) = judgement(shell, LIMIT).unwrap().unwrap();
        assert_eq!((status.code(), text.as_str()), (Some(1), "not two\n"));
        let missing = judgement(Command::new("no-such-check"), LIMIT).unwrap_err();
        assert!(
            format!("{missing:#}").starts_with("can't run no-such-check: "),
            "{missing:#}"
        );
    }
}
