//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use async_scrape::Strategy;
use async_scrape::client::{NAME, TIMEOUT};
use async_scrape::crawl::Policy;
use async_scrape::crawl::address::Servers;
use clap::Parser;
use clap::builder::TypedValueParser;
use reqwest::header::{HeaderName, HeaderValue};
use timing::cli::{self, Options};

mod links;
mod site;

pub use links::Links;
pub use site::Site;

const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(86_400);

/// Pages from a server into files, three ways.
///
/// With no arguments: a small site of this program's own, by every strategy in turn; then the table
/// that compares them and the timelines that show who waited when. All leave the same files.
///
/// With --url or --seeds: a real site, page by page, as far as its links lead, its robots.txt allows and the
/// limits below say. With --urls: a list.
///
/// Exit status: 0 every page is there; 1 a page was lost, or Ctrl-C; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// How to download [default: every strategy in turn; with --url or --urls: tasks]
    pub strategies: Vec<Strategy>,

    /// Where to begin; may be given several times
    #[arg(long, value_name = "URL", conflicts_with = "urls")]
    pub url: Vec<String>,

    /// A file with where to begin, a URL a line, as --urls has them
    #[arg(long, value_name = "FILE", conflicts_with = "urls")]
    pub seeds: Option<PathBuf>,

    /// A file with what to download, a URL a line; a line that begins with # is a comment, - is
    /// stdin
    #[arg(long, value_name = "FILE")]
    pub urls: Option<PathBuf>,

    /// The folder for the files; with several strategies, each has a folder of its name in it
    /// [default: output/async-scrape]
    #[arg(
        long,
        value_name = "DIR",
        default_value = "output/async-scrape",
        hide_default_value = true
    )]
    pub output: PathBuf,

    /// Pages under way at the same time, at most
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = 8,
        value_parser = clap::value_parser!(u16).range(1..=1000)
    )]
    pub concurrency: u16,

    /// How long a server may send nothing, before its answer and in it. A page that arrives slowly
    /// may take three times as long, and a second more for each KiB
    #[arg(
        long,
        value_name = "DUR",
        default_value_t = TIMEOUT.into(),
        value_parser = cli::duration(MILLISECOND..=DAY).map(humantime::Duration::from)
    )]
    pub timeout: humantime::Duration,

    /// The most bytes that a page may have, unpacked
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = Policy::of(Servers::All).bytes
    )]
    pub max_bytes: u64,

    /// How often a page is asked for again after a broken connection or a 429; of a site, also
    /// after a 408, 502, 503 or 504
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = Policy::of(Servers::All).retries,
        value_parser = clap::value_parser!(u32).range(0..=10)
    )]
    pub retries: u32,

    /// Who asks; robots.txt is read for the part before the first / or space
    #[arg(long, value_name = "NAME", default_value = NAME)]
    pub user_agent: String,

    /// Sent with every request, as "Name: value"; may be given several times
    #[arg(long, value_name = "HEADER", value_parser = header)]
    pub header: Vec<(HeaderName, HeaderValue)>,

    /// Send no cookies. Otherwise those that servers set are sent back to them until the crawl ends
    #[arg(long)]
    pub no_cookies: bool,

    /// Trust the authorities in this PEM file, besides those that the system trusts
    #[cfg(feature = "https")]
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Download nothing: only be the site, at this address, until Ctrl-C
    #[arg(long, value_name = "ADDRESS", exclusive = true)]
    pub serve: Option<SocketAddr>,

    #[command(flatten, next_help_heading = "Where to go, and how fast")]
    pub links: Links,

    #[command(flatten, next_help_heading = "What becomes of a site's pages")]
    pub site: Site,

    #[command(flatten, next_help_heading = "Output")]
    pub options: Options,
}

/// Parses `Name: value`.
fn header(text: &str) -> Result<(HeaderName, HeaderValue)> {
    let (name, value) = text.split_once(':').context("\"Name: value\" is needed")?;
    Ok((name.trim().parse()?, value.trim().parse()?))
}
