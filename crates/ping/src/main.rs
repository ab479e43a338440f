//! `cargo run -p ping`: see `--help`, and the README beside this folder.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use ping::clients::{Clients, HTTPSTAT, Settings};
use ping::server::Server;
use ping::summary::Summary;
use ping::targets::{COURSE, Targets};
use ping::{Job, Pong, Strategy, targets};
use reqwest::Method;
use timing::Run;
use timing::cli::{self, Options, Report};

/// Is it there? A list of URLs, pinged four ways.
///
/// With no arguments: the course's five URLs, answered by a server of this program's own, by every strategy in turn; then
/// the table that compares them and the timelines that show who waited when.
///
/// Exit status: 0 all was answered, with whatever status; 1 something was not; 2 wrong arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// How to ping [default: every strategy in turn]
    strategies: Vec<Strategy>,

    /// What to ping, instead of the course's URLs
    #[arg(long, value_name = "URL", num_args = 1..)]
    url: Vec<String>,

    /// A file with what to ping, a URL a line; a line that begins with # is a comment, - is stdin
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,

    /// Ask the network's httpstat.us, not the one in this program
    #[arg(long, conflicts_with_all = ["url", "input"])]
    live: bool,

    /// Ping the list so many times over
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    repeat: u32,

    /// Pings at the same time, at most: the threads of pool [default: --workers] and the tasks of tasks [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    concurrency: Option<u16>,

    /// How long a ping may take, from its name's lookup to the last byte
    #[arg(long, value_name = "DUR", default_value = "10s", value_parser = limit)]
    timeout: Duration,

    /// How long it may take until there is a connection
    #[arg(long, value_name = "DUR", default_value = "5s", value_parser = limit)]
    connect_timeout: Duration,

    /// GET reads the body, too; HEAD asks that there be none
    #[arg(long, value_name = "GET|HEAD", default_value = "GET", value_parser = method)]
    method: Method,

    /// How many redirects to follow; with 0 the redirect is the answer
    #[arg(long, value_name = "N", default_value_t = 10)]
    redirects: u8,

    /// Ping nothing: only be the server, at this address, until Ctrl-C
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

fn method(text: &str) -> Result<Method, String> {
    match text.to_ascii_uppercase().as_str() {
        "GET" => Ok(Method::GET),
        "HEAD" => Ok(Method::HEAD),
        _ => Err("a ping is GET or HEAD".to_owned()),
    }
}

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    // A ping needs an open file, and with the server in this program three. The system's usual limit is meant
    // for programs that open a few; where it can't be raised, pings beyond it fail and say so.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    if let Some(address) = args.serve {
        let server = Server::start(address)?;
        cli::print(&format!("http://{}/ (Ctrl-C ends it)\n", server.address()))?;
        server.serve_for_ever();
        return Ok(true);
    }
    let mut urls = args.url.clone();
    if let Some(path) = &args.input {
        urls.extend(targets::read(path)?);
    } else if urls.is_empty() {
        urls.extend(COURSE.map(str::to_owned));
    }
    let ours = args.url.is_empty() && args.input.is_none() && !args.live;
    let server = match ours {
        true => Some(Server::start((Ipv4Addr::LOCALHOST, 0).into())?),
        false => None,
    };
    if let Some(server) = &server {
        let address = server.address();
        let line = format!("{HTTPSTAT} is here a server of this program's own, at {address}\n");
        cli::print(&line)?;
    }
    let told = Arc::new(Told::default());
    let job = Job {
        targets: Targets::new(urls, args.repeat as usize)?,
        clients: Clients::new(Settings {
            method: args.method.clone(),
            timeout: args.timeout,
            connect_timeout: args.connect_timeout,
            redirects: args.redirects.into(),
            stand_in: server.as_ref().map(Server::address),
        })?,
        workers: args.concurrency.map_or(args.options.workers(), usize::from),
        in_flight: args.concurrency.map_or(1000, usize::from),
        tell: {
            let told = Arc::clone(&told);
            Arc::new(move |pong| told.lock().tell(pong))
        },
    };
    let interrupted = Arc::clone(&told);
    ctrlc::set_handler(move || interrupted.leave()).context("can't listen for Ctrl-C")?;
    report(args, &job, &told)
}

fn report(args: &Args, job: &Job, told: &Told) -> Result<bool> {
    let strategies = match &args.strategies[..] {
        [] => Strategy::value_variants(),
        named => named,
    };
    let mut report = Report::default();
    let mut well = true;
    for _ in 0..args.options.runs() {
        for strategy in strategies {
            let name = strategy.name();
            cli::print(&format!("--- {name} ---\n"))?;
            let work = |timeline: &_| strategy.run(job, timeline);
            let (result, run) = Run::record(&name, strategy.workers(job), work);
            let summary = told.lock().take()?;
            let all = job.targets.count();
            report.add(run.outcome(format!("{} of {all} answered", summary.answered())));
            if let Err(error) = result {
                cli::complain(&format!("error: {name}: {error:#}"));
                well = false;
                continue;
            }
            cli::print(&summary.to_string())?;
            if summary.failed() > 0 {
                cli::complain(&format!(
                    "error: {name}: {} of {all} failed",
                    summary.failed()
                ));
                well = false;
            }
        }
    }
    cli::print("\n")?;
    report.publish(&args.options)?;
    Ok(well)
}

/// The pings of the strategy that runs, told as they come.
#[derive(Default)]
struct Told(Mutex<Pongs>);

#[derive(Default)]
struct Pongs {
    all: Vec<Pong>,
    /// The first line that could not be printed ends the run, but only when its strategy is through.
    failure: Option<anyhow::Error>,
}

impl Told {
    fn lock(&self) -> MutexGuard<'_, Pongs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ctrl-C: what was pinged so far is summed up, and nothing else is kept anywhere.
    fn leave(&self) {
        // Whoever has the lock may be stuck in printing to a reader that does not read: then there is nobody to tell.
        if let Ok(pongs) = self.0.try_lock() {
            let text = Summary::of(&pongs.all).to_string();
            let _ = cli::print(&format!("\ninterrupted: {text}"));
        }
        std::process::exit(1);
    }
}

impl Pongs {
    /// The lock that this is called under also keeps the lines of different workers apart.
    fn tell(&mut self, pong: Pong) {
        if self.failure.is_none() {
            self.failure = cli::print(&format!("{}\n", pong.line())).err();
        }
        self.all.push(pong);
    }

    fn take(&mut self) -> Result<Summary> {
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(Summary::of(&std::mem::take(&mut self.all))),
        }
    }
}
