//! `cargo run -p imgproc`: see `--help`, and the README beside this folder.

mod args;
mod session;
mod told;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use imgproc::files::{self, Photos};
use imgproc::stopping::Signals;
use imgproc::{processes, samples};
use timing::cli;

use args::Args;
use session::Session;

/// The samples' sides are enlarged by this, and each is done so many times: 150 megapixels.
const ENLARGED: usize = 4;
const REPEATED: usize = 4;

fn main() -> ExitCode {
    processes::serve_if_child();
    let args = Args::read();
    args.refuse_what_was_not_built();
    run(&args).unwrap_or_else(|error| cli::exit_code(Err(error)))
}

/// Runs the strategies. Returns the exit status.
fn run(args: &Args) -> Result<ExitCode> {
    // Photos in work are finished, and no more are begun.
    let stop = Arc::new(AtomicBool::new(false));
    let signals = Signals::catch(&stop).context("can't catch Ctrl-C")?;
    let strategies = args.strategies();
    args.options.check(&strategies)?;
    #[cfg(feature = "mpi")]
    let ranks = match strategies.iter().any(|strategy| strategy.needs_mpi()) {
        true => Some(imgproc::ranks::Ranks::join()?),
        false => None,
    };
    #[cfg(feature = "mpi")]
    if ranks.as_ref().is_some_and(|ranks| ranks.served(&stop)) {
        return Ok(ExitCode::SUCCESS);
    }
    let photos = photos(args)?;
    let mut session = Session::new(args, stop, signals);
    session.begin(&photos);
    let report = args.options.compare(&strategies, |strategy, turn| {
        let folder = match strategies.len() {
            1 => args.output.clone(),
            _ => args.output.join(&turn.name),
        };
        session.run(strategy, &photos.found, &folder, turn)
    })?;
    let published = match args.quiet {
        true => Ok(report.is_well()),
        false => report.publish(&args.options),
    };
    let concluded = published.and_then(|well| Ok(session.conclude()? && well));
    Ok(session.exit_code(concluded))
}

/// Returns the photos to process: those that the user named, or the samples.
fn photos(args: &Args) -> Result<Photos> {
    if !args.input.is_empty() {
        return Ok(files::find(&args.input, &args.output));
    }
    // Whoever can't write to the default folder learns which option names another one.
    let large =
        samples::enlarge_into(&args.output.join("samples"), ENLARGED).context("--output")?;
    let name = |path: &Path, copy| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        PathBuf::from(format!("{stem}-{copy}.jpg"))
    };
    let copies = (1..=REPEATED).flat_map(|copy| large.iter().map(move |path| (path, copy)));
    Ok(Photos {
        found: copies
            .map(|(path, copy)| (path.clone(), name(path, copy)))
            .collect(),
        ..Photos::default()
    })
}
