//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use async_scrape::Strategy;
use async_scrape::client::{NAME, TIMEOUT};
use async_scrape::crawl::Policy;
use async_scrape::crawl::address::Servers;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use reqwest::header::{HeaderName, HeaderValue};
use timing::cli::{self, Options};

mod links;
mod site;

pub use links::Links;
pub use site::Site;

/// The heading of the options that say how pages are requested.
const ASKING: &str = "How to ask";

const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(86_400);

/// Pages from a server into files, three ways.
///
/// With no arguments it downloads a small site, which is in the program itself, by every strategy
/// in turn. Then it prints a table that compares them, and draws a timeline of each.
///
/// With --url or --seeds it downloads a real site. It follows links as far as the site's robots.txt
/// and the limits below allow. With --urls it downloads a list, and follows no links.
///
/// Exit status: 0 every page is there; 1 a page was lost, or Ctrl-C; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// The strategies to run [default: every strategy in turn; with --url, --seeds or --urls:
    /// tasks]
    pub strategies: Vec<Strategy>,

    /// A page of a site to begin at; may be given several times
    #[arg(long, value_name = "URL", conflicts_with = "urls")]
    pub url: Vec<String>,

    /// A file of pages to begin at, one URL a line, in the form of --urls
    #[arg(long, value_name = "FILE", conflicts_with = "urls")]
    pub seeds: Option<PathBuf>,

    /// A file of URLs to download, one a line; a line that begins with # is a comment, - is stdin
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

    /// The most pages in flight at the same time
    #[arg(
        long,
        help_heading = ASKING,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = 8,
        value_parser = clap::value_parser!(u16).range(1..=1000)
    )]
    pub concurrency: u16,

    /// The longest time in which a server sends nothing. A page that arrives slowly may take three
    /// times as long, and a second more for each KiB
    #[arg(
        long,
        help_heading = ASKING,
        value_name = "DUR",
        default_value_t = TIMEOUT.into(),
        value_parser = cli::duration(MILLISECOND..=DAY).map(humantime::Duration::from)
    )]
    pub timeout: humantime::Duration,

    /// The most bytes of a page, after decompression
    #[arg(
        long,
        help_heading = ASKING,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = Policy::of(Servers::All).bytes
    )]
    pub max_bytes: u64,

    /// How often a page is requested again after a broken connection or a status 429; with --url
    /// also after a 408, 502, 503 or 504
    #[arg(
        long,
        help_heading = ASKING,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = Policy::of(Servers::All).retries,
        value_parser = clap::value_parser!(u32).range(0..=10)
    )]
    pub retries: u32,

    /// The name that the program gives itself; the part before the first / or space is looked up in
    /// robots.txt
    #[arg(long, value_name = "NAME", default_value = NAME, help_heading = ASKING)]
    pub user_agent: String,

    /// A header line for every request, as "Name: value"; may be given several times
    #[arg(long, help_heading = ASKING, value_name = "HEADER", value_parser = header)]
    pub header: Vec<(HeaderName, HeaderValue)>,

    /// Send no cookies. Otherwise a server's cookies are sent back to it until the crawl ends
    #[arg(long, help_heading = ASKING)]
    pub no_cookies: bool,

    /// Trust the authorities in this PEM file, besides those that the system trusts
    #[cfg(feature = "https")]
    #[arg(long, help_heading = ASKING, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// Download nothing: serve the small site at this address, until Ctrl-C
    #[arg(long, value_name = "ADDRESS", exclusive = true)]
    pub serve: Option<SocketAddr>,

    #[command(flatten, next_help_heading = "Where to go, and how fast")]
    pub links: Links,

    #[command(flatten, next_help_heading = "What becomes of a site's pages")]
    pub site: Site,

    #[command(flatten, next_help_heading = "What to measure and draw")]
    pub options: Options,
}

impl Args {
    /// Reads the command line.
    pub fn read() -> Self {
        let args = Self::parse();
        let is_lesson = args.url.is_empty() && args.seeds.is_none();
        let strategies = match args.strategies.len() {
            0 if is_lesson => Strategy::value_variants().len(),
            named => named.max(1),
        };
        if args.site.warc.is_some() && strategies * args.options.runs() > 1 {
            let why = "--warc is for one run of one strategy: all would request the same pages";
            Self::command()
                .error(ErrorKind::ArgumentConflict, why)
                .exit();
        }
        args
    }
}

/// Parses `Name: value`.
fn header(text: &str) -> Result<(HeaderName, HeaderValue)> {
    let (name, value) = text.split_once(':').context("\"Name: value\" is needed")?;
    Ok((name.trim().parse()?, value.trim().parse()?))
}
