//! Builds the check of an exercise, with cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, str};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A cargo that knows nothing of the one around it. `cargo test` and `cargo run` describe the
/// package that they run in variables, and some build scripts (ring's) ask to be run again when
/// these change: all that depends on them would be built again, now and by the next command.
pub fn fresh_cargo() -> Command {
    let mut command = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    for (name, _) in env::vars_os() {
        let describes = |prefix| name.to_string_lossy().starts_with(prefix);
        if describes("CARGO_PKG_") || describes("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

/// Builds a test target. Returns its program, if it compiles, and what the compiler said.
pub(super) fn build(folder: &Path, target: &str) -> Result<(Option<PathBuf>, String)> {
    let mut command = fresh_cargo();
    command
        .args(["test", "-q", "--no-run", "--message-format=json", "--test"])
        .args([target, "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .stderr(Stdio::piped());
    let output = command.output().context("can't run cargo")?;
    let (program, said) = understood(str::from_utf8(&output.stdout)?, target);
    if output.status.success() {
        return Ok((program, said));
    }
    // Without a word from the compiler, it is cargo that failed.
    if said.is_empty() {
        bail!("cargo: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok((None, said))
}

/// Reads cargo's messages: the program of the target, and what the compiler said. Of the warnings
/// those are kept that are about the student's file.
fn understood(messages: &str, target: &str) -> (Option<PathBuf>, String) {
    let (mut program, mut said) = (None, String::new());
    for line in messages.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let words = &message["message"];
        let in_exercise = |span: &Value| {
            let file = span["file_name"].as_str().unwrap_or_default();
            span["is_primary"] == true && file.contains("exercises")
        };
        let mut spans = words["spans"].as_array().into_iter().flatten();
        let is_theirs = words["level"] != "warning" || spans.any(in_exercise);
        if let (true, Some(rendered)) = (is_theirs, words["rendered"].as_str()) {
            // The check mounts the student's file by a path from its own folder.
            let detour = format!("tests/practise/{target}/../../../");
            said += &rendered.replace(&detour, "");
        }
        let is_target = message["target"]["name"] == target;
        if let (true, Some(path)) = (is_target, message["executable"].as_str()) {
            program = Some(PathBuf::from(path));
        }
    }
    (program, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_warnings_those_about_the_students_file_are_shown() {
        let message = |level, file, rendered| {
            let spans = serde_json::json!([{ "file_name": file, "is_primary": true }]);
            let words = serde_json::json!({ "level": level, "spans": spans, "rendered": rendered });
            serde_json::json!({ "message": words }).to_string()
        };
        let messages = [
            message(
                "warning",
                "tests/practise/e1/check.rs",
                "not used in the check\n",
            ),
            message(
                "warning",
                "tests/practise/e1/../../../exercises/e1_hold.rs",
                "not used\n",
            ),
            message("error", "tests/practise/e1/check.rs", "no such function\n"),
            r#"{"target": {"name": "e1"}, "executable": "/e1"}"#.to_owned(),
        ];
        let (program, said) = understood(&messages.join("\n"), "e1");
        assert_eq!(said, "not used\nno such function\n");
        assert_eq!(program.unwrap(), Path::new("/e1"));
    }
}
