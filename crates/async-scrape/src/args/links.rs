//! The arguments that say which links are followed.

use async_scrape::crawl::address;
use async_scrape::crawl::frontier::Limits;
use async_scrape::crawl::pattern::Pattern;
use async_scrape::crawl::scope::Shard;
use reqwest::Url;

/// How far to follow links.
#[derive(Debug, clap::Args)]
pub struct Links {
    /// The most links from the first page to any other
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = Limits::default().depth,
        conflicts_with = "urls"
    )]
    pub depth: u32,

    /// The most pages to request
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        default_value_t = Limits::default().pages,
        conflicts_with = "urls",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub max_pages: u32,

    /// The most pages of one server in flight at the same time [default: 8; with --urls: no limit]
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

    /// Vary the time of --delay at random, from half of it to one and a half times of it
    #[arg(long)]
    pub wait_random: bool,

    /// Download from the servers of --url alone, which is also the default without --allow
    #[arg(long, conflicts_with_all = ["allow", "urls"])]
    pub same_host: bool,

    /// Follow links to this server, too, which is named with its port if URLs name it so (h:8080);
    /// .example.com is every server below example.com, at any port; may be given several times
    #[arg(long, value_name = "HOST", conflicts_with = "urls", value_parser = server)]
    pub allow: Vec<String>,

    /// Only pages whose path and query begin like this. * is any text, and $ at the end is the end,
    /// as in robots.txt; may be given several times
    #[arg(long, value_name = "PATTERN", conflicts_with = "urls")]
    pub include: Vec<Pattern>,

    /// No pages whose path and query begin like this, also if they are included: "*.zip$"
    #[arg(long, value_name = "PATTERN", conflicts_with = "urls")]
    pub exclude: Vec<Pattern>,

    /// Begin also at the pages that /sitemap.xml names, and the sitemaps in robots.txt
    #[arg(long, conflicts_with = "urls")]
    pub sitemap: bool,

    /// Only the servers of the I-th of N parts, I from 1 to N: for an array of jobs, each with a
    /// folder of its own. Links to servers of other parts are left in elsewhere.txt, for --seeds
    #[arg(long, value_name = "I/N", conflicts_with = "urls")]
    pub shard: Option<Shard>,

    /// Go to private addresses, too, where a page leads there. Otherwise only hosts that are named
    /// here may have one (127.0.0.1, 10.0.0.0/8, fd00::/8 and others)
    #[arg(long)]
    pub allow_private: bool,

    /// Don't read robots.txt, and follow links that a page asks programs not to follow
    #[arg(long, conflicts_with = "urls")]
    pub ignore_robots: bool,
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
