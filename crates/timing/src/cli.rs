//! The part of the command line that is the same in every lesson.

use std::fs;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result};

use crate::comparison::Comparison;
use crate::machine::Machine;
use crate::run::Run;
use crate::{svg, terminal, trace};

/// How many workers, and how often: for programs that print more than tables and timelines.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Effort {
    /// Workers, where a strategy has a pool [default: the cores that this process may use]
    #[arg(short, long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,

    /// Run each strategy so many times; the table shows medians
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    runs: Option<u16>,
}

impl Effort {
    /// How many workers a pool gets.
    pub fn workers(&self) -> usize {
        self.workers
            .map_or_else(|| Machine::detect().cores, usize::from)
    }

    /// How many times each is run; `default` if nobody said.
    pub fn runs_or(&self, default: usize) -> usize {
        self.runs.map_or(default, usize::from)
    }
}

/// Options that every lesson has: `#[command(flatten)]` it.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    #[command(flatten)]
    effort: Effort,

    /// Write the timelines as a picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Write the timelines as a trace, for ui.perfetto.dev or chrome://tracing
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,

    /// Write the comparison as data
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Options {
    /// How many workers a pool gets.
    pub fn workers(&self) -> usize {
        self.effort.workers()
    }

    /// Whether the timelines are wanted as a file.
    pub fn draws(&self) -> bool {
        self.svg.is_some() || self.trace.is_some()
    }

    /// How many times each strategy runs: once, if nobody said.
    pub fn runs(&self) -> usize {
        self.effort.runs_or(1)
    }
}

/// The runs of one command.
#[derive(Debug, Clone, Default)]
pub struct Report {
    runs: Vec<Run>,
}

impl Report {
    /// Adds a run. Several of one name are one row of the table; the last of them is the one that is drawn.
    pub fn add(&mut self, run: Run) {
        self.runs.push(run);
    }

    /// Prints the table and the timelines, and writes the files that the options name.
    ///
    /// # Errors
    /// If stdout or a file can't be written.
    pub fn publish(&self, options: &Options) -> Result<()> {
        let comparison = Comparison::of(&self.runs);
        let drawn = self.drawn();
        let size = terminal_size::terminal_size_of(std::io::stdout());
        let width = size.map_or(80, |(width, _)| usize::from(width.0).max(40));
        // A timeline that was off is not drawn.
        let timelines = match drawn.iter().any(|run| !run.recording.rows.is_empty()) {
            true => format!("\n{}", terminal::draw(&drawn, width)),
            false => String::new(),
        };
        // Who reads only the first line of stdout still gets the files.
        let printed = print(&format!("{comparison}{timelines}"));
        if let Some(path) = &options.svg {
            write(path, &svg::draw(&drawn))?;
        }
        if let Some(path) = &options.trace {
            write(path, &trace::draw(&drawn))?;
        }
        if let Some(path) = &options.json {
            write(path, &format!("{:#}\n", comparison.to_json()))?;
        }
        printed
    }

    fn drawn(&self) -> Vec<Run> {
        let later = |index: usize, run: &Run| {
            self.runs[index + 1..]
                .iter()
                .any(|other| other.name == run.name)
        };
        let last = self
            .runs
            .iter()
            .enumerate()
            .filter(|(i, run)| !later(*i, run));
        last.map(|(_, run)| run.clone()).collect()
    }
}

/// Prints to stdout, in colour where that is wanted. `println!` would panic if nobody listens any more.
///
/// # Errors
/// If stdout is closed or full.
pub fn print(text: &str) -> Result<()> {
    let stdout = std::io::stdout();
    // A terminal without a size is nobody's: `mpirun` gives its ranks one, wherever its own output goes.
    let nobodys = stdout.is_terminal() && terminal_size::terminal_size_of(&stdout).is_none();
    let choice = match nobodys {
        true => ColorChoice::Never,
        false => AutoStream::choice(&stdout),
    };
    let mut out = AutoStream::new(stdout.lock(), choice);
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(NobodyListens.into()),
        result => result.context("can't write to stdout"),
    }
}

/// `lesson | head -1`: the reader has what it wanted, and is gone.
#[derive(Debug)]
struct NobodyListens;

impl std::fmt::Display for NobodyListens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stdout is closed")
    }
}

impl std::error::Error for NobodyListens {}

/// Writes a file beside its place and renames it, so that there is never half of it. A link stays a link, and what is not
/// a file (a pipe, `/dev/stdout`) is written to, not replaced.
///
/// # Errors
/// If the file can't be written.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let failed = || format!("can't write {}", path.display());
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return fs::write(path, text).with_context(failed);
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let attempt = || -> std::io::Result<()> {
        let mut builder = tempfile::Builder::new();
        // A temporary file is private by default; this one is as public as any new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(&target)?;
        Ok(())
    };
    attempt().with_context(failed)
}

/// Prints a line to stderr. `eprintln!` would panic if that is closed; here nobody is left to be told.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", line.replace(char::is_control, " "));
}

/// What `main` returns: 0 if all was well, 1 if something failed and has been told, or fails now and is
/// told here, in a line with its whole cause.
pub fn exit_code(result: Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if error.is::<NobodyListens>() => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
