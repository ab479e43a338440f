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

/// The heading of the options for the files that are written.
const RESULTS: &str = "The results";

/// Filters the photos of a folder into another folder, in several ways of sharing the work.
///
/// With no arguments it makes the five sample photos grey, enlarged and repeated, by every strategy
/// in turn (except `mpi` and `mpi-static`, which `mpirun` must start). Then it prints a table that
/// compares them, and draws a timeline of each.
///
/// Exit status: 0 all photos are done; 1 some are not (each has a line on stderr); 2 wrong
/// arguments; 130 stopped by Ctrl-C, 143 by SIGTERM.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// The strategies to run [default: every strategy in turn; with --input: rayon]
    pub strategies: Vec<Strategy>,

    /// Photos to process, and folders to search for photos, instead of the samples
    #[arg(short, long, value_name = "PATH", num_args = 1..)]
    pub input: Vec<PathBuf>,

    /// The folder for the results; with several strategies each has a folder of its name in it
    #[arg(short, long, value_name = "DIR", default_value = DEFAULT_OUTPUT)]
    pub output: PathBuf,

    #[command(flatten, next_help_heading = "The filter")]
    filter: Choice,

    /// The quality of JPEG results, 1 to 100
    #[arg(short, long, help_heading = RESULTS, default_value_t = 90, value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,

    /// The format of the results [default: each as its input's extension says]
    #[arg(long, value_enum, help_heading = RESULTS)]
    pub format: Option<Format>,

    /// Leave out metadata (EXIF, XMP, IPTC, ICC profile, resolution): all of it, or some
    #[arg(long, help_heading = RESULTS, value_enum, num_args = 0..=1, require_equals = true, default_value = "nothing", default_missing_value = "all")]
    strip: Strip,

    /// Replace results that exist, but never an input
    #[arg(long, help_heading = RESULTS)]
    pub force: bool,

    /// Skip photos whose results exist, to continue a run that was stopped
    #[arg(long, help_heading = RESULTS, conflicts_with_all = ["force", "runs"])]
    pub resume: bool,

    /// Give each result the time at which its photo was last changed
    #[arg(long, help_heading = RESULTS)]
    keep_time: bool,

    /// Process only the I-th of N equal parts of the photos, I from 1 to N, as one job of N
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// Refuse photos that have more than N million pixels
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u64).range(1..=4_000))]
    max_megapixels: u64,

    /// Print errors only: no table, no notes, no progress
    #[arg(long, conflicts_with_all = ["svg", "trace", "json"])]
    pub quiet: bool,

    #[command(flatten, next_help_heading = "What to measure and draw")]
    pub options: Options,
}

impl Args {
    /// Reads the command line. A strategy behind `--input`, where clap expects paths, is one; and a
    /// path without `--input`, or a filter without `--filter`, is answered with the right command.
    pub fn read() -> Self {
        let refuse = |why| Self::command().error(ErrorKind::InvalidValue, why).exit();
        let mut args = Self::try_parse().unwrap_or_else(|error| match answer(&error) {
            Some(why) => refuse(why),
            None => error.exit(),
        });
        while let Some(last) = args.input.last().filter(|path| !path.exists()) {
            let word = last.to_string_lossy();
            if is_filter(&word) {
                refuse(format!("{word} is no path, but a filter: --filter {word}"));
            }
            let Ok(strategy) = Strategy::from_str(&word, false) else {
                break;
            };
            if args.input.len() == 1 {
                break;
            }
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

/// Returns the answer to a path or a filter that stands where a strategy is expected.
fn answer(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    };
    let place = text(ContextKind::InvalidArg)?;
    let word = text(ContextKind::InvalidValue).filter(|_| place.contains("STRATEGIES"))?;
    if Path::new(word).exists() {
        return Some(format!(
            "{word} is no strategy, but a path: imgproc --input {word}\n\n\
             What begins with --input ends with the next option: \
             imgproc --input {word} --filter blur"
        ));
    }
    is_filter(word).then(|| format!("{word} is no strategy, but a filter: imgproc --filter {word}"))
}

/// Whether a filter has this name.
fn is_filter(word: &str) -> bool {
    let command = Args::command();
    let mut arguments = command.get_arguments();
    let filters = arguments.find(|argument| argument.get_id() == "filter");
    let filters = filters.map_or_else(Vec::new, |filters| filters.get_possible_values());
    filters.iter().any(|filter| filter.matches(word, false))
}
