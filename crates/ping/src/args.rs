//! The command line of the program.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use ping::Strategy;
use reqwest::Method;
use timing::cli::{self, Options};

/// The limits on a ping's time that can be set.
const LIMITS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(86_400);

/// Does the server answer? Pings a list of URLs in four ways.
///
/// With no arguments it pings the course's five URLs by every strategy in turn. A server in this
/// program answers. Then it prints a table that compares them, and draws a timeline of each.
///
/// Exit status: 0 every ping was answered, with any status; 1 one was not; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// The strategies to run [default: every strategy in turn]
    pub strategies: Vec<Strategy>,

    /// URLs to ping, instead of the course's
    #[arg(long, value_name = "URL", num_args = 1..)]
    pub url: Vec<String>,

    /// A file of URLs to ping, one a line; a line that begins with # is a comment, - is stdin
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,

    /// Ask a real server for the course's URLs, such as http://192.0.2.7:8080, and not the server in
    /// this program
    #[arg(long, value_name = "SERVER", conflicts_with_all = ["url", "input"])]
    pub live: Option<String>,

    /// How often to ping the whole list
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub repeat: u32,

    /// Ping the list again and again for so long, and tell percentiles and a histogram
    #[arg(
        long,
        value_name = "DUR",
        conflicts_with = "repeat",
        help_heading = "Load",
        value_parser = cli::duration(LIMITS)
    )]
    pub duration: Option<Duration>,

    /// Begin N pings a second, whatever the server does (an open loop). A ping's latency counts
    /// from its planned time: so a server that stalls is seen by all whom it lets wait. Without a
    /// rate, each worker waits for its answer before it asks again (a closed loop)
    #[arg(
        long,
        value_name = "N",
        help_heading = "Load",
        value_parser = clap::value_parser!(u32).range(1..=100_000)
    )]
    pub rate: Option<u32>,

    /// The most pings in flight: the threads of pool [default: --workers] and the tasks of tasks
    /// [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub concurrency: Option<u16>,

    /// The time limit of a ping, from the lookup of the name to the last byte
    #[arg(long, value_name = "DUR", default_value = "10s", value_parser = cli::duration(LIMITS))]
    pub timeout: Duration,

    /// The time limit of connecting
    #[arg(long, value_name = "DUR", default_value = "5s", value_parser = cli::duration(LIMITS))]
    pub connect_timeout: Duration,

    /// Trust the authorities in this PEM file, besides those that the system trusts
    #[cfg(feature = "https")]
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,

    /// GET reads the body, too; HEAD asks for the head alone
    #[arg(long, value_name = "GET|HEAD", default_value = "GET", value_parser = method)]
    pub method: Method,

    /// The most redirects to follow; with 0 the redirect is the answer
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub redirects: u8,

    /// Ping nothing: be only the server, at this address, until Ctrl-C
    #[arg(long, value_name = "ADDRESS", exclusive = true)]
    pub serve: Option<SocketAddr>,

    #[command(flatten)]
    pub options: Options,
}

impl Args {
    /// Whether there are many pings, which are summed up and not listed.
    pub fn is_load(&self) -> bool {
        self.rate.is_some() || self.duration.is_some()
    }

    /// How often the whole list is pinged at most.
    pub fn times(&self) -> usize {
        self.duration.map_or(self.repeat as usize, |_| usize::MAX)
    }

    /// The authorities that the user names.
    #[cfg(feature = "https")]
    pub fn authorities(&self) -> anyhow::Result<Vec<ping::trust::Authority>> {
        self.ca.as_deref().map_or(Ok(Vec::new()), ping::trust::read)
    }
}

fn method(text: &str) -> Result<Method, String> {
    match text.to_ascii_uppercase().as_str() {
        "GET" => Ok(Method::GET),
        "HEAD" => Ok(Method::HEAD),
        _ => Err("a ping is GET or HEAD".to_owned()),
    }
}
