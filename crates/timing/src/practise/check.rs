//! Builds and runs the check of an exercise.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, str};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Mistake;
use super::exercise::Exercise;

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Checked {
    /// The answer is right; the scope of this claim.
    Right(String),
    Wrong(Mistake),
    /// The compiler refused it; the misconception, if that is known.
    NotCompiled(Option<String>),
}

/// Builds the check with cargo, runs it, and reads its judgement.
pub(super) fn run(folder: &Path, exercise: &Exercise) -> Result<Checked> {
    let (program, said) = build(folder, &exercise.target())?;
    let Some(program) = program else {
        eprint!("{said}");
        return Ok(Checked::NotCompiled(exercise.known_to_the_compiler(&said)));
    };
    let output = Command::new(&program)
        // The checker's own words about each schedule that fails would hide the judgement.
        .stderr(Stdio::null())
        .output()
        .with_context(|| format!("can't run {}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines().map(str::to_owned);
    let first = lines.next().unwrap_or_default();
    match output.status.code() {
        Some(0) => Ok(Checked::Right(first)),
        Some(1) if !first.is_empty() => Ok(Checked::Wrong(Mistake {
            sentence: first,
            story: lines.collect(),
        })),
        _ => Ok(Checked::Wrong(Mistake::new(format!(
            "the program that runs your code ended with {}",
            output.status
        )))),
    }
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
            said += rendered;
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
