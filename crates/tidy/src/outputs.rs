//! The outputs that the book shows: which command each is from, and how two of them are compared.
//!
//! `docs/outputs.toml` is the list, `examples/capture.rs` runs it, and `tests/book.rs` looks
//! whether the programs still print lines of that form.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use toml::{Table, Value};

use crate::root;

/// An output that the book shows.
#[derive(Debug, Clone)]
pub struct Captured {
    /// The name of the file in `docs/src/outputs`, without its ending.
    pub name: String,
    /// What stands behind `cargo run `.
    pub arguments: Vec<String>,
    /// The picture of the same run, from `docs/src` on.
    pub svg: Option<String>,
    /// Its exit status.
    pub status: i32,
    /// Whether the tests run it again: it takes some seconds at most, and most of them it waits.
    pub cheap: bool,
    /// Words that may stand for each other, as it depends on the run which of them is said.
    pub same: Vec<String>,
}

/// An output that stands in a README, below its command.
#[derive(Debug, Clone)]
pub struct Typed {
    /// The README, from the root on.
    pub file: String,
    /// The commands whose lines stand there; below the first of them.
    pub runs: Vec<Captured>,
}

/// All outputs, as `docs/outputs.toml` has them.
///
/// # Panics
/// If that file is missing, or not in the form that its head describes.
pub fn all() -> Vec<Captured> {
    let table = table();
    let entries = table["output"].as_array().expect("[[output]] entries");
    entries.iter().map(captured).collect()
}

/// The outputs in READMEs, as `docs/outputs.toml` has them.
///
/// # Panics
/// As [`all`].
pub fn typed() -> Vec<Typed> {
    let table = table();
    let entries = table["readme"].as_array().expect("[[readme]] entries");
    let typed = |entry: &Value| Typed {
        file: entry["file"].as_str().expect("file").to_owned(),
        runs: list(entry, "runs")
            .iter()
            .map(|run| Captured {
                name: run.clone(),
                arguments: run.split_whitespace().map(str::to_owned).collect(),
                svg: None,
                status: 0,
                cheap: true,
                same: list(entry, "same"),
            })
            .collect(),
    };
    entries.iter().map(typed).collect()
}

/// The puzzles that the book's page plays, as `docs/outputs.toml` has them: the name of each, and
/// the run that prints its states.
///
/// # Panics
/// As [`all`].
pub fn puzzles() -> Vec<Captured> {
    let table = table();
    let entries = table["puzzle"].as_array().expect("[[puzzle]] entries");
    entries.iter().map(captured).collect()
}

/// The script of a puzzle: the page calls it, as it can't fetch data from a disk.
///
/// # Panics
/// If the run fails.
pub fn script(puzzle: &Captured) -> String {
    let output = puzzle.run(&[]);
    assert!(output.status.success(), "{}: {output:?}", puzzle.command());
    let json = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    format!("stepper.add(\"{}\", {});\n", puzzle.name, json.trim_end())
}

/// The file of a puzzle's script.
pub fn script_path(puzzle: &Captured) -> PathBuf {
    root().join(format!("docs/src/stepper/{}.js", puzzle.name))
}

fn table() -> Table {
    let text = fs::read_to_string(root().join("docs/outputs.toml")).expect("docs/outputs.toml");
    text.parse().expect("docs/outputs.toml is TOML")
}

fn list(entry: &Value, key: &str) -> Vec<String> {
    let list = entry.get(key).and_then(Value::as_array);
    let words = list.into_iter().flatten();
    words.map(|v| v.as_str().expect(key).to_owned()).collect()
}

fn captured(entry: &Value) -> Captured {
    let text = |key: &str| entry.get(key).map(|v| v.as_str().expect(key).to_owned());
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
    Captured {
        name: text("name").expect("name"),
        arguments: words(&text("run").expect("run")),
        svg: text("svg"),
        status: entry
            .get("status")
            .map_or(0, |v| v.as_integer().expect("status") as i32),
        cheap: entry
            .get("cheap")
            .is_some_and(|v| v.as_bool().expect("cheap")),
        same: list(entry, "same"),
    }
}

impl Captured {
    /// A run of a program with these words behind `cargo run`, of which nothing is kept.
    pub fn of(arguments: &[&str]) -> Self {
        Self {
            name: String::new(),
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
            svg: None,
            status: 0,
            cheap: true,
            same: Vec::new(),
        }
    }

    /// The command as a reader types it.
    pub fn command(&self) -> String {
        format!("cargo run {}", self.arguments.join(" "))
    }

    /// The file that a chapter includes.
    pub fn path(&self) -> PathBuf {
        let file = format!("docs/src/outputs/{}.md", self.name);
        root().join(file)
    }

    /// Runs it. A program that was built lies beside the one that calls this, and to ask cargo
    /// would wait for its lock.
    ///
    /// # Panics
    /// If it can't be started.
    pub fn run(&self, more: &[String]) -> Output {
        let after = |flag: &str| {
            let at = self.arguments.iter().position(|word| word == flag)?;
            self.arguments.get(at + 1)
        };
        let package = after("-p").expect("-p");
        let program = match after("--example") {
            Some(example) => format!("examples/{example}"),
            None => package.clone(),
        };
        let own = env::current_exe().expect("this program has a path");
        let built = own
            .ancestors()
            .nth(2)
            .expect("it lies in target/debug/deps or target/debug/examples")
            .join(format!("{program}{}", env::consts::EXE_SUFFIX));
        let mut command = if built.exists() {
            let mut command = Command::new(built);
            let at = self.arguments.iter().position(|word| word == "--");
            command.args(at.map_or(&[][..], |at| &self.arguments[at + 1..]));
            command
        } else {
            let mut command = timing::practise::fresh_cargo();
            command.args(["run", "-q"]).args(&self.arguments[..]);
            if !more.is_empty() && !self.arguments.iter().any(|word| word == "--") {
                command.arg("--");
            }
            command
        };
        let output = command.args(more).current_dir(root()).output();
        output.unwrap_or_else(|error| panic!("{}: {error}", self.command()))
    }
}

/// Remarks that depend on the machine and on chance.
const REMARKS: [&str; 7] = [
    "One core computes no faster",
    "More workers than cores",
    "no difference to",
    "One run each",
    "More than # workers",
    "# cores may be used",
    "# core may be used",
];

/// Returns the form of a text, line by line: numbers and times become `#`, bars become `=`, and
/// rows that differ in nothing else become one row. Two runs of a program have the same form.
pub fn shapes(text: &str, same: &[String]) -> BTreeSet<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match lines.last_mut() {
            // The last column of a table continues here. Where it breaks depends on the other
            // columns.
            Some(last) if line.starts_with(&" ".repeat(40)) => *last += line,
            _ => lines.push(line.to_owned()),
        }
    }
    let shapes = lines.iter().map(|line| shape(line, same));
    shapes
        .filter(|shape| !REMARKS.iter().any(|remark| shape.starts_with(remark)))
        .filter(|shape| !shape.is_empty())
        .collect()
}

/// The form of a line.
pub fn shape(line: &str, same: &[String]) -> String {
    let mut line = line.replace(['~', '│'], " ");
    for word in same {
        line = line.replace(word, &same[0]);
    }
    let mut out = String::new();
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_ascii_digit() {
            while rest
                .peek()
                .is_some_and(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
            {
                // "5...": the dots are the program's, not the number's.
                let mut ahead = rest.clone();
                ahead.next();
                if !rest.peek().is_some_and(char::is_ascii_digit)
                    && !ahead.peek().is_some_and(char::is_ascii_digit)
                {
                    break;
                }
                rest.next();
            }
            out.push('#');
        } else if matches!(c, '\u{2580}'..='\u{259f}' | '┊' | '·') {
            out.push('=');
        } else {
            out.push(c);
        }
    }
    let units = ["ns", "µs", "ms", "s"];
    let mut words: Vec<&str> = Vec::new();
    for word in out.split_whitespace() {
        let word = match word {
            unit if units.contains(&unit.trim_end_matches([',', '.', ')']))
                && words.last() == Some(&"#") =>
            {
                continue;
            }
            bar if bar.chars().all(|c| c == '=') => "=",
            word => word,
        };
        // Groups of digits, the marks of an axis, the pieces of a bar.
        if ["#", "="].contains(&word) && words.last() == Some(&word) {
            continue;
        }
        words.push(word);
    }
    words.join(" ")
}
