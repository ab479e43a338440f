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

/// Is it there? A list of URLs, pinged four ways.
///
/// With no arguments: the course's five URLs, answered by a server of this program's own, by every
/// strategy in turn; then the table that compares them and the timelines that show who waited when.
///
/// Exit status: 0 all was answered, with whatever status; 1 something was not; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    /// How to ping [default: every strategy in turn]
    pub strategies: Vec<Strategy>,

    /// What to ping, instead of the course's URLs
    #[arg(long, value_name = "URL", num_args = 1..)]
    pub url: Vec<String>,

    /// A file with what to ping, a URL a line; a line that begins with # is a comment, - is stdin
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,

    /// Ask a real server for the course's URLs, such as http://192.0.2.7:8080, and not the server in
    /// this program
    #[arg(long, value_name = "SERVER", conflicts_with_all = ["url", "input"])]
    pub live: Option<String>,

    /// Ping the list so many times over
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub repeat: u32,

    /// Pings at the same time, at most: the threads of pool [default: --workers] and the tasks of
    /// tasks [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub concurrency: Option<u16>,

    /// How long a ping may take, from its name's lookup to the last byte
    #[arg(long, value_name = "DUR", default_value = "10s", value_parser = cli::duration(LIMITS))]
    pub timeout: Duration,

    /// How long it may take until there is a connection
    #[arg(long, value_name = "DUR", default_value = "5s", value_parser = cli::duration(LIMITS))]
    pub connect_timeout: Duration,

    /// GET reads the body, too; HEAD asks that there be none
    #[arg(long, value_name = "GET|HEAD", default_value = "GET", value_parser = method)]
    pub method: Method,

    /// How many redirects to follow; with 0 the redirect is the answer
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub redirects: u8,

    /// Ping nothing: only be the server, at this address, until Ctrl-C
    #[arg(long, value_name = "ADDRESS", exclusive = true)]
    pub serve: Option<SocketAddr>,

    #[command(flatten)]
    pub options: Options,
}

fn method(text: &str) -> Result<Method, String> {
    match text.to_ascii_uppercase().as_str() {
        "GET" => Ok(Method::GET),
        "HEAD" => Ok(Method::HEAD),
        _ => Err("a ping is GET or HEAD".to_owned()),
    }
}
