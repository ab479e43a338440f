//! The command line of this lesson.

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use imgproc::codec::{Format, Limits};
use imgproc::files::Shard;
use imgproc::filter::Filter;
use imgproc::{Settings, Strategy, WITHOUT_MPI};

const DEFAULT_OUTPUT: &str = "output/imgproc";

/// A folder of photos, a filter, a folder of results: ways to share the work.
///
/// With no arguments: the five sample photos, enlarged and repeated, by every strategy in turn (but for
/// those of MPI, which `mpirun` must start); then the table that compares them and the timelines that show who worked when.
///
/// Exit status: 0 all photos are done; 1 some are not (each has a line on stderr); 2 wrong arguments.
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

    /// What is done to each photo
    #[arg(short, long, value_enum, default_value = "grey")]
    pub filter: FilterName,

    /// blur: the standard deviation in pixels, 0.1 to 100
    #[arg(long, default_value_t = 5.0, value_parser = sigma)]
    sigma: f64,

    /// threshold: grey values from this one on are white
    #[arg(long, default_value_t = 128)]
    level: u8,

    /// posterise: steps a channel, 2 to 256
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(2..=256))]
    levels: u16,

    /// thumbnail: the longer side in pixels
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=65_535))]
    size: u32,

    /// JPEG quality, 1 to 100
    #[arg(short, long, default_value_t = 90, value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,

    /// The format of the results [default: each as its input's extension says]
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Leave out EXIF and ICC profile
    #[arg(long)]
    strip: bool,

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

    #[command(flatten)]
    pub options: timing::cli::Options,
}

/// The filters by name.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FilterName {
    /// 0.299 R + 0.587 G + 0.114 B
    Grey,
    /// Black and white, split at --level
    Threshold,
    /// Gaussian blur of --sigma pixels
    Blur,
    /// Outlines (Sobel)
    Edges,
    /// The negative
    Invert,
    /// Each channel in --levels steps
    Posterise,
    /// Shrunk to --size (Lanczos)
    Thumbnail,
}

fn sigma(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(sigma) if (0.1..=100.0).contains(&sigma) => Ok(sigma),
        _ => Err("a number from 0.1 to 100".to_owned()),
    }
}

impl Args {
    /// Ends the program if a strategy is named that it has not got, or if there are ranks and none of the strategies is for ranks.
    pub fn refuse_what_was_not_built(&self) {
        let absent = |strategy: &&Strategy| !cfg!(feature = "mpi") && strategy.needs_mpi();
        if let Some(strategy) = self.strategies.iter().find(absent) {
            let why = format!("{}: {WITHOUT_MPI}", strategy.name());
            Self::command().error(ErrorKind::InvalidValue, why).exit();
        }
        // Open MPI tells each process how many there are. Without a strategy that shares the work, all would do all of it.
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

    /// The strategies to run, in order.
    pub fn strategies(&self) -> Vec<Strategy> {
        match (&self.strategies[..], &self.input[..]) {
            ([], []) => Strategy::IN_TURN.to_vec(),
            // Whoever brings photos wants the results, once.
            ([], _) => vec![Strategy::Rayon],
            (named, _) => named.to_vec(),
        }
    }

    /// Whether the results go where they go if nobody says anything.
    pub fn output_is_default(&self) -> bool {
        self.output == Path::new(DEFAULT_OUTPUT)
    }

    /// What is done to each photo.
    pub fn settings(&self) -> Settings {
        let filter = match self.filter {
            FilterName::Grey => Filter::Grey,
            FilterName::Threshold => Filter::Threshold { level: self.level },
            FilterName::Blur => Filter::Blur { sigma: self.sigma },
            FilterName::Edges => Filter::Edges,
            FilterName::Invert => Filter::Invert,
            FilterName::Posterise => Filter::Posterise {
                levels: self.levels,
            },
            FilterName::Thumbnail => Filter::Thumbnail {
                size: self.size as usize,
            },
        };
        Settings {
            filter,
            quality: self.quality,
            strip: self.strip,
            force: self.force,
            limits: Limits {
                max_pixels: self.max_megapixels * 1_000_000,
            },
        }
    }
}
