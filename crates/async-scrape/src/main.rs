//! `cargo run -p async-scrape`: see `--help`, and the README beside this folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use async_scrape::client::Client;
use async_scrape::site::Site;
use async_scrape::{Job, Strategy, names};
use clap::{Parser, ValueEnum};
use timing::Run;
use timing::cli::{self, Options, Report};

/// Pages from a server into files, three ways.
///
/// With no arguments: the pages of a small site of this program's own, by every strategy in turn; then the table that compares
/// them and the timelines that show who waited when. All leave the same files.
///
/// Exit status: 0 every page is there; 1 something failed, or Ctrl-C; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// How to download [default: every strategy in turn; with --urls: tasks]
    strategies: Vec<Strategy>,

    /// A file with what to download, a URL a line; a line that begins with # is a comment, - is stdin
    #[arg(long, value_name = "FILE")]
    urls: Option<PathBuf>,

    /// The folder for the files; each strategy has a folder of its name in it
    #[arg(long, value_name = "DIR", default_value = "output/async-scrape")]
    output: PathBuf,

    /// Pages under way at the same time, at most
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: u16,

    /// How long a page may take, to its last byte
    #[arg(long, value_name = "DUR", default_value = "30s", value_parser = limit)]
    timeout: Duration,

    /// The most bytes that a page may have
    #[arg(long, value_name = "N", default_value_t = 100 << 20)]
    max_bytes: u64,

    /// Download nothing: only be the site, at this address, until Ctrl-C
    #[arg(long, value_name = "ADDRESS", exclusive = true)]
    serve: Option<SocketAddr>,

    #[command(flatten)]
    options: Options,
}

fn limit(text: &str) -> Result<Duration, String> {
    let limit = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let known = Duration::from_millis(1)..=Duration::from_secs(86_400);
    match known.contains(&limit) {
        true => Ok(limit),
        false => Err("from 1ms to 1day".to_owned()),
    }
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    if let Some(address) = args.serve {
        let site = Site::start(address)?;
        cli::print(&format!("http://{}/ (Ctrl-C ends it)\n", site.address()))?;
        site.serve_for_ever();
        return Ok(true);
    }
    let (site, list) = match &args.urls {
        Some(path) => (None, read(path)?),
        None => {
            let site = Site::start((Ipv4Addr::LOCALHOST, 0).into())?;
            cli::print(&format!(
                "a site of this program's own, at http://{}/\n",
                site.address()
            ))?;
            let list = site.urls().join("\n");
            (Some(site), list)
        }
    };
    let stop = Arc::new(AtomicBool::new(false));
    let interrupted = Arc::clone(&stop);
    // The first Ctrl-C lets what is under way come to its end; the second one doesn't wait for that.
    let leave = move || {
        if interrupted.swap(true, SeqCst) {
            std::process::exit(1);
        }
        cli::complain("stopping when what is under way is done; Ctrl-C again stops at once");
    };
    ctrlc::set_handler(leave).context("can't listen for Ctrl-C")?;
    let told = Arc::new(Told::default());
    let job = Job {
        pages: names::pages(list.lines())?.into(),
        folder: PathBuf::new(),
        // Whatever the environment says of proxies: what is here is asked directly.
        client: Client::new(args.timeout, site.as_ref().map(Site::address))?,
        concurrency: args.concurrency.into(),
        most: args.max_bytes,
        stop: Arc::clone(&stop),
        tell: {
            let told = Arc::clone(&told);
            Arc::new(move |page, result| match result {
                Ok(bytes) => {
                    told.bytes
                        .fetch_add(usize::try_from(bytes).unwrap_or(usize::MAX), SeqCst);
                    told.pages.fetch_add(1, SeqCst);
                }
                Err(error) => {
                    let mut failures = told.failures.lock().unwrap_or_else(PoisonError::into_inner);
                    failures.insert(page.url.to_string(), format!("{error:#}"));
                }
            })
        },
    };
    let well = report(args, job, &told)?;
    Ok(well && !stop.load(SeqCst))
}

/// What became of the pages of one strategy.
#[derive(Default)]
struct Told {
    pages: AtomicUsize,
    bytes: AtomicUsize,
    failures: Mutex<BTreeMap<String, String>>,
}

fn report(args: &Args, mut job: Job, told: &Told) -> Result<bool> {
    let strategies = match (&args.strategies[..], &args.urls) {
        ([], None) => Strategy::value_variants(),
        // Who has a list of their own wants the pages, once.
        ([], Some(_)) => &[Strategy::Tasks],
        (named, _) => named,
    };
    let mut report = Report::default();
    let mut well = true;
    for _ in 0..args.options.runs() {
        for strategy in strategies {
            if job.stop.load(SeqCst) {
                break;
            }
            let name = strategy.name();
            job.folder = args.output.join(&name);
            fs::create_dir_all(&job.folder)
                .with_context(|| format!("can't make the folder {}", job.folder.display()))?;
            let (result, run) = Run::record(&name, strategy.workers(&job), |timeline| {
                strategy.run(&job, timeline)
            });
            result.with_context(|| name.clone())?;
            let (pages, bytes) = (told.pages.swap(0, SeqCst), told.bytes.swap(0, SeqCst));
            let failures =
                std::mem::take(&mut *told.failures.lock().unwrap_or_else(PoisonError::into_inner));
            cli::print(&format!(
                "{name}: {pages} pages, {} KiB, in {}\n",
                bytes >> 10,
                job.folder.display()
            ))?;
            for (url, cause) in &failures {
                cli::complain(&format!("error: {name}: {url}: {cause}"));
            }
            well &= failures.is_empty();
            report.add(run.outcome(format!("{pages} of {} pages", job.pages.len())));
        }
    }
    cli::print("\n")?;
    report.publish(&args.options)?;
    Ok(well)
}

fn read(path: &Path) -> Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        return read.map(|_| text).context("can't read stdin");
    }
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}
