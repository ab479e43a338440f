//! The command line of this lesson.

use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, ValueEnum};
use imgproc::codec::{Format, Limits, Strip};
use imgproc::files::Shard;
use imgproc::filter::Choice;
use imgproc::{Settings, Strategy, WITHOUT_MPI};
use timing::cli::{self, Options};

const DEFAULT_OUTPUT: &str = "output/imgproc";

/// A folder of photos, a filter, a folder of results: ways to share the work.
///
/// With no arguments: the five sample photos, enlarged and repeated, by every strategy in turn (but
/// for those of MPI, which `mpirun` must start); then the table that compares them and the
/// timelines that show who worked when.
///
/// Exit status: 0 all photos are done; 1 some are not (each has a line on stderr); 2 wrong
/// arguments; 130 stopped by Ctrl-C, 143 by SIGTERM.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// Who does the work [default: every strategy in turn; with --input, rayon]
    pub strategies: Vec<Strategy>,

    /// Photos, and folders that are searched for photos, instead of the samples
    #[arg(short, long, value_name = "PATH", num_args = 1..)]
    pub input: Vec<PathBuf>,

    /// Where the results go: a folder, or with several strategies a folder for each below it
    #[arg(short, long, value_name = "DIR", default_value = DEFAULT_OUTPUT)]
    pub output: PathBuf,

    #[command(flatten)]
    filter: Choice,

    /// JPEG quality, 1 to 100
    #[arg(short, long, default_value_t = 90, value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,

    /// The format of the results [default: each as its input's extension says]
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Leave out metadata (EXIF, XMP, IPTC, ICC profile, resolution): all, or keep some
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_value = "nothing", default_missing_value = "all")]
    strip: Strip,

    /// Replace results that exist (never an input)
    #[arg(long)]
    pub force: bool,

    /// Leave out photos whose results exist: to go on where a run was stopped
    #[arg(long, conflicts_with_all = ["force", "runs"])]
    pub resume: bool,

    /// Only the I-th of N equal parts of the photos, I from 1 to N: for an array of jobs
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// Refuse photos with more pixels than this
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..=4_000))]
    max_megapixels: u64,

    /// Print errors only: no table, no notes, no progress
    #[arg(long, conflicts_with_all = ["svg", "trace", "json"])]
    pub quiet: bool,

    /// Give each result the time at which its photo was last changed
    #[arg(long)]
    keep_time: bool,

    #[command(flatten)]
    pub options: Options,
}

impl Args {
    /// Reads the command line. A strategy behind `--input`, where clap expects paths, is one; and a
    /// path without `--input` is answered with the command that reads it.
    pub fn read() -> Self {
        let mut args = Self::try_parse().unwrap_or_else(|error| {
            if let Some(ContextValue::String(path)) = error.get(ContextKind::InvalidValue)
                && error.kind() == ErrorKind::InvalidValue
                && Path::new(path).exists()
            {
                let why = format!(
                    "{path} is no strategy, but a path: imgproc --input {path}\n\n\
                     What begins with --input ends with the next option: \
                     imgproc --input {path} --filter blur"
                );
                Self::command().error(ErrorKind::InvalidValue, why).exit();
            }
            error.exit()
        });
        while let Some(last) = args.input.last().filter(|path| !path.exists())
            && let Ok(strategy) = Strategy::from_str(&last.to_string_lossy(), false)
            && args.input.len() > 1
        {
            args.strategies.insert(0, strategy);
            args.input.pop();
        }
        args
    }

    /// Ends the program if a named strategy was not built in, or if `mpirun` has started it and no
    /// named strategy is for ranks.
    pub fn refuse_what_was_not_built(&self) {
        let absent = |strategy: &&Strategy| !cfg!(feature = "mpi") && strategy.needs_mpi();
        if let Some(strategy) = self.strategies.iter().find(absent) {
            let why = format!("{}: {WITHOUT_MPI}", cli::name(strategy));
            Self::command().error(ErrorKind::InvalidValue, why).exit();
        }
        // Open MPI tells each process how many there are. Without a strategy for ranks, each of
        // them would do all of the work.
        let ranks = std::env::var("OMPI_COMM_WORLD_SIZE").ok();
        let many = ranks.filter(|count| count != "1");
        if let Some(count) = many
            && !self
                .strategies()
                .iter()
                .any(|strategy| strategy.needs_mpi())
        {
            let why = format!(
                "mpirun has started {count} of this program, and no strategy that shares the work among them was named: name mpi"
            );
            Self::command()
                .error(ErrorKind::MissingRequiredArgument, why)
                .exit();
        }
    }

    /// Returns the strategies to run, in their order.
    pub fn strategies(&self) -> Vec<Strategy> {
        match (&self.strategies[..], &self.input[..]) {
            ([], []) => Strategy::IN_TURN.to_vec(),
            // For photos of the user's own, the results are wanted once.
            ([], _) => vec![Strategy::Rayon],
            (named, _) => named.to_vec(),
        }
    }

    /// Whether the results go to the default folder.
    pub fn output_is_default(&self) -> bool {
        self.output == Path::new(DEFAULT_OUTPUT)
    }

    /// Returns what is done to each photo.
    pub fn settings(&self) -> Settings {
        Settings {
            filter: self.filter.filter(),
            quality: self.quality,
            strip: self.strip,
            force: self.force,
            keep_time: self.keep_time,
            limits: Limits {
                max_pixels: self.max_megapixels * 1_000_000,
            },
        }
    }
}
