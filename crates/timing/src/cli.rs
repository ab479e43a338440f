//! The part of the command line that is the same in every lesson: options, output, exit status.

use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::machine::Machine;

mod predict;
mod report;

pub use report::{Report, Turn};

/// How many workers, and how often: for programs that print more than tables and timelines.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Effort {
    /// The workers of a strategy with a pool [default: the cores that this process may use]
    #[arg(short, long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,

    /// Run each strategy N times; the table shows medians
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
    pub(crate) svg: Option<PathBuf>,

    /// Write the comparison and the timelines as one page, to open in a browser or to hand in
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    /// With --svg or --html: draw a part of the time once more, larger, such as 200ms..400ms
    #[arg(long, value_name = "FROM..TO", value_parser = part)]
    pub(crate) zoom: Option<Range<Duration>>,

    /// Write the timelines as a trace, for ui.perfetto.dev or chrome://tracing
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,

    /// Write the comparison as data
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Your guess, printed beside what was measured: a time (1.5s), or a speed-up against the first
    /// strategy (3x); threads=1.5s is for one strategy, and a comma separates several guesses
    #[arg(
        long, value_name = "GUESS", value_parser = predict::guess,
        value_delimiter = ',', allow_hyphen_values = true,
    )]
    pub(crate) predict: Vec<predict::Guess>,
}

impl Options {
    /// How many workers a pool gets.
    pub fn workers(&self) -> usize {
        self.effort.workers()
    }

    /// Whether the timelines are wanted as a file.
    pub fn draws(&self) -> bool {
        self.svg.is_some() || self.html.is_some() || self.trace.is_some()
    }

    /// How many times each strategy runs: once, if nobody said.
    pub fn runs(&self) -> usize {
        self.effort.runs_or(1)
    }
}

/// Returns the name of a value (a strategy, say) as it is written on the command line.
///
/// # Panics
/// If the value is one that the command line does not have (`#[value(skip)]`).
pub fn name(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value
        .expect("the command line has it")
        .get_name()
        .to_owned()
}

/// The strategies that the user named, or every one of them if none was named.
pub fn chosen<S: ValueEnum>(named: &[S]) -> &[S] {
    match named {
        [] => S::value_variants(),
        named => named,
    }
}

/// A parser of durations such as `200ms` within a range, for clap's `value_parser`.
///
/// # Errors
/// The parser's error says what is wrong: the text is no duration, or it is outside the range.
pub fn duration(
    range: RangeInclusive<Duration>,
) -> impl Fn(&str) -> Result<Duration, String> + Clone {
    move |text| {
        let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
        let [least, most] =
            [range.start(), range.end()].map(|edge| humantime::format_duration(*edge));
        match range.contains(&duration) {
            true => Ok(duration),
            false if range.start().is_zero() => Err(format!("at most {most}")),
            false => Err(format!("from {least} to {most}")),
        }
    }
}

/// Reads a part of the time, such as `200ms..400ms`.
fn part(text: &str) -> Result<Range<Duration>, String> {
    let time = |text: &str| match text.trim() {
        "0" => Some(Duration::ZERO),
        text => humantime::parse_duration(text).ok(),
    };
    let times = text.split_once("..");
    let times = times.and_then(|(from, to)| Some((time(from)?, time(to)?)));
    match times {
        None => Err("two times with .. between them, such as 200ms..400ms".to_owned()),
        Some((from, to)) if from >= to => Err("the second time has to be later".to_owned()),
        Some((from, to)) => Ok(from..to),
    }
}

/// Prints to stdout, in colour where that is wanted. (`println!` panics if the reader is gone.)
///
/// # Errors
/// If stdout is closed or full.
pub fn print(text: &str) -> Result<()> {
    // Asked once: the answer takes longer than a line, and a lesson may print thousands.
    static CHOICE: OnceLock<ColorChoice> = OnceLock::new();
    let choice = *CHOICE.get_or_init(|| {
        // A terminal that has no size shows nothing to anybody: `mpirun` gives its ranks such a
        // one, wherever its own output goes.
        let stdout = io::stdout();
        let size = terminal_size::terminal_size_of(&stdout);
        match stdout.is_terminal() && size.is_none() {
            true => ColorChoice::Never,
            false => AutoStream::choice(&stdout),
        }
    });
    let mut out = AutoStream::new(io::stdout().lock(), choice);
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| StdoutFailed(error).into())
}

/// Stdout took no more. No strategy is to blame, and a program without output ends.
#[derive(Debug)]
pub(crate) struct StdoutFailed(io::Error);

impl std::fmt::Display for StdoutFailed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("can't write to stdout")
    }
}

impl std::error::Error for StdoutFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// The arguments do not fit together, in a way that only the run loop could see.
#[derive(Debug)]
pub(crate) struct WrongArguments(pub(crate) String);

impl std::fmt::Display for WrongArguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongArguments {}

/// Writes a file beside its place and renames it, so that there is never half of it. A link stays a
/// link, and what is not a file (a pipe, `/dev/stdout`) is written to, not replaced.
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
        builder.prefix(".part-");
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

/// Prints a line to stderr. (`eprintln!` panics if stderr is closed.)
pub fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{}", line.replace(char::is_control, " "));
}

/// Turns the end of a program into its exit status: 0 if all was well, 1 if something failed, and
/// 2 if the arguments were wrong. A failure of `run` itself is told here, in a line with its whole
/// cause.
pub fn exit_code(result: Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => match error.downcast_ref::<StdoutFailed>() {
            // `lesson | head -1`: the reader has what it wanted, and is gone.
            Some(StdoutFailed(cause)) if cause.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            _ => {
                complain(&format!("error: {error:#}"));
                match error.is::<WrongArguments>() {
                    true => ExitCode::from(2),
                    false => ExitCode::FAILURE,
                }
            }
        },
    }
}
