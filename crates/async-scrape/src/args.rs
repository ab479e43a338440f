//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use async_scrape::Strategy;
use async_scrape::client::{NAME, TIMEOUT};
use async_scrape::crawl::Policy;
use async_scrape::crawl::address::{self, Servers};
use async_scrape::crawl::frontier::Limits;
use clap::Parser;
use clap::builder::TypedValueParser;
use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue};
use timing::cli::{self, Options};

const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(86_400);

/// Pages from a server into files, three ways.
///
/// With no arguments: a small site of this program's own, by every strategy in turn; then the table
/// that compares them and the timelines that show who waited when. All leave the same files.
///
/// With --url: a real site, page by page, as far as its links lead, its robots.txt allows and the
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

    /// Go on from what an earlier crawl left in the folder: what is whole there is not asked for
    /// again
    #[arg(long, conflicts_with = "urls")]
    pub resume: bool,

    /// Keep names that differ only by letter case. Otherwise the second of two such names gets a
    /// hash (Index~0ff1....html), because the file systems of Windows and macOS take the two for
    /// the same
    #[arg(long, conflicts_with = "urls")]
    pub keep_case: bool,

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

    #[command(flatten, next_help_heading = "Output")]
    pub options: Options,
}

/// How far to follow links.
#[derive(Debug, clap::Args)]
pub struct Links {
    /// How many links lead from the first page to the last ones
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = Limits::default().depth,
        conflicts_with = "urls"
    )]
    pub depth: u32,

    /// The most pages to ask for
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = Limits::default().pages,
        conflicts_with = "urls",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub max_pages: u32,

    /// Pages of one server under way at the same time, at most [default: 8; with --urls: no limit]
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u16).range(1..=1000)
    )]
    pub per_host: Option<u16>,

    /// The least time from one request to the next of the same server, in milliseconds; robots.txt
    /// may ask for more
    #[arg(
        long,
        value_name = "MS",
        allow_negative_numbers = true,
        default_value_t = 0
    )]
    pub delay: u32,

    /// Only pages of the servers of --url: that is so unless others are allowed
    #[arg(long, conflicts_with_all = ["allow", "urls"])]
    pub same_host: bool,

    /// Pages of this server, too; .example.com is every server below example.com; may be given
    /// several times
    #[arg(long, value_name = "HOST", conflicts_with = "urls", value_parser = server)]
    pub allow: Vec<String>,

    /// Go to private addresses, too, where a page leads there. Otherwise only hosts that are named
    /// here may have one (127.0.0.1, 10.0.0.0/8, fd00::/8 and others)
    #[arg(long)]
    pub allow_private: bool,

    /// Don't ask for robots.txt, and follow links also where a page wants them not to be followed
    #[arg(long, conflicts_with = "urls")]
    pub ignore_robots: bool,
}

/// Parses `Name: value`.
fn header(text: &str) -> Result<(HeaderName, HeaderValue)> {
    let (name, value) = text.split_once(':').context("\"Name: value\" is needed")?;
    Ok((name.trim().parse()?, value.trim().parse()?))
}

/// Parses a server's name, perhaps with a port, as it stands in a URL.
fn server(text: &str) -> Result<String, String> {
    let (dot, name) = match text.strip_prefix('.') {
        Some(name) => (".", name),
        None => ("", text),
    };
    if !dot.is_empty() && name.contains(':') {
        return Err("a port goes with one server only".to_owned());
    }
    let url = Url::parse(&format!("http://{name}/")).map_err(|error| error.to_string())?;
    if url.path() != "/" || url.query().is_some() || !url.username().is_empty() || name.is_empty() {
        return Err("a server's name is needed, as in example.com or example.com:8080".to_owned());
    }
    Ok(format!("{dot}{}", address::server(&url)))
}
