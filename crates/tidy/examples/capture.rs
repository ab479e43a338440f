//! Runs the commands of `docs/outputs.toml` and writes what they print, the pictures of the same
//! runs, and the puzzles' states, where the book includes them. With names it runs only those.
//!
//!     cargo run -p tidy --example capture
//!     cargo run -p tidy --example capture -- countdown-threads

use std::process::{Command, ExitCode};
use std::{env, fs};

use tidy::outputs::{self, Captured};

fn main() -> ExitCode {
    let wanted: Vec<_> = env::args().skip(1).collect();
    let (all, puzzles) = (outputs::all(), outputs::puzzles());
    let names: Vec<_> = all.iter().chain(&puzzles).map(|it| &it.name).collect();
    for name in &wanted {
        if !names.contains(&name) {
            eprintln!("error: docs/outputs.toml has no {name}");
            return ExitCode::from(2);
        }
    }
    let mut well = true;
    for captured in all {
        if wanted.is_empty() || wanted.contains(&captured.name) {
            well &= capture(&captured);
        }
    }
    for puzzle in puzzles {
        if wanted.is_empty() || wanted.contains(&puzzle.name) {
            eprintln!("{}", puzzle.command());
            let path = outputs::script_path(&puzzle);
            fs::write(path, outputs::script(&puzzle)).expect("a puzzle is written");
        }
    }
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn capture(captured: &Captured) -> bool {
    eprintln!("{}", captured.command());
    let mut more = Vec::new();
    if let Some(svg) = &captured.svg {
        let path = tidy::root().join("docs/src").join(svg);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("a folder for pictures");
        more = vec!["--svg".to_owned(), path.display().to_string()];
    }
    let output = captured.run(&more);
    if output.status.code() != Some(captured.status) {
        eprintln!(
            "error: {}: {}, not {}\n{}",
            captured.command(),
            output.status,
            captured.status,
            String::from_utf8_lossy(&output.stderr)
        );
        return false;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<_> = text.trim_end().lines().map(str::trim_end).collect();
    let text = format!(
        "```text\n$ {}\n{}\n```\n\n*(Run on {} on a machine of {}.)*\n",
        captured.command(),
        lines.join("\n"),
        today(),
        cores()
    );
    let path = captured.path();
    fs::create_dir_all(path.parent().expect("in a folder")).expect("a folder for outputs");
    fs::write(path, text).expect("an output is written");
    true
}

/// The date of the machine, by the one program that has it everywhere where these recipes run.
fn today() -> String {
    let output = Command::new("date").arg("+%F").output().expect("date");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn cores() -> String {
    match std::thread::available_parallelism().map_or(1, usize::from) {
        1 => "1 shared core".to_owned(),
        n => format!("{n} shared cores"),
    }
}
