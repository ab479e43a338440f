//! `cargo run -p async-scrape`: see `--help`, and the README beside this folder.

use std::fs;
use std::io::{self, Read};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use anyhow::{Context, Result};
use async_scrape::client::{self, Settings};
use async_scrape::crawl::address::{self, Servers};
use async_scrape::crawl::frontier::{Frontier, Limits};
use async_scrape::crawl::index::Entry;
use async_scrape::crawl::store::Store;
use async_scrape::crawl::{Crawl, Output, Rules};
use async_scrape::site::Site;
use async_scrape::summary::Summary;
use async_scrape::{Job, Strategy, names};
use clap::{Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::Url;
use timing::cli::{self, Report};
use timing::{Run, Timeline};

mod args;

use args::Args;

/// So much time has what is under way after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    cli::exit_code(run(&Args::parse()))
}

fn run(args: &Args) -> Result<bool> {
    if let Some(address) = args.serve {
        let site = Site::start(address)?;
        cli::print(&format!("{} (Ctrl-C ends it)\n", site.url("/")))?;
        site.serve_for_ever();
        return Ok(true);
    }
    let interrupted = Arc::new(Interrupted::default());
    let heard = Arc::clone(&interrupted);
    ctrlc::set_handler(move || heard.again()).context("can't listen for Ctrl-C")?;
    let (pages, site) = wanted(args)?;
    let mut report = Report::default();
    let (mut well, mut last) = (true, Summary::default());
    let strategies = match (&args.strategies[..], site.is_some()) {
        ([], true) => Strategy::value_variants(),
        // Who wants pages of their own wants them once.
        ([], false) => &[Strategy::Tasks],
        (named, _) => named,
    };
    for _ in 0..args.options.runs() {
        for strategy in strategies {
            if interrupted.times.load(SeqCst) > 0 {
                break;
            }
            let name = strategy.name();
            let folder = match (strategies, &site) {
                ([_], None) => args.output.clone(),
                _ => args.output.join(&name),
            };
            let job = job(args, &pages, &folder, site.as_ref())?;
            interrupted.stops(&job.0.crawl);
            let (result, run) = Run::record(&name, strategy.workers(&job.0), |timeline| {
                // A timeline of a whole site needs room, and is drawn if somebody asks for it.
                let off = Timeline::off();
                let timeline = if args.url.is_empty() || args.options.draws() {
                    timeline
                } else {
                    &off
                };
                strategy.run(&job.0, timeline)
            });
            result.with_context(|| name.clone())?;
            let (summary, note) = finish(job, &pages)?;
            cli::print(&format!(
                "{name}: {} pages, {} KiB, in {}{note}\n",
                summary.had,
                summary.bytes.div_ceil(1024),
                folder.display()
            ))?;
            for (url, error) in &summary.lost {
                cli::complain(&format!("error: {name}: {url}: {error}"));
            }
            well &= summary.lost.is_empty();
            // A redirect is no page, nor is what robots.txt does not allow.
            let wanted = summary.had + summary.lost.len();
            report.add(run.outcome(format!("{} of {wanted} pages", summary.had)));
            last = summary;
        }
    }
    if !args.url.is_empty() {
        cli::print(&format!("\n{}", last.draw()))?;
    }
    cli::print("\n")?;
    report.publish(&args.options)?;
    Ok(well && interrupted.times.load(SeqCst) == 0)
}

/// Where to begin, or all of it.
enum Pages {
    List(Vec<names::Page>),
    From(Vec<Url>),
}

fn wanted(args: &Args) -> Result<(Pages, Option<Site>)> {
    if let Some(path) = &args.urls {
        return Ok((Pages::List(names::pages(read(path)?.lines())?), None));
    }
    if !args.url.is_empty() {
        let urls = args
            .url
            .iter()
            .map(|url| names::parse(url).with_context(|| url.clone()));
        return Ok((Pages::From(urls.collect::<Result<_>>()?), None));
    }
    let site = Site::start((Ipv4Addr::LOCALHOST, 0).into())?;
    let name = client::STAND_IN;
    cli::print(&format!(
        "a site of this program's own, at {}, here called {name}\n",
        site.url("/")
    ))?;
    let url = names::parse(&format!("http://{name}/"))?;
    Ok((Pages::From(vec![url]), Some(site)))
}

/// A job, and what is told of it.
type Told = (Job, Arc<Mutex<Summary>>, ProgressBar);

fn job(args: &Args, pages: &Pages, folder: &Path, site: Option<&Site>) -> Result<Told> {
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template(
        "{spinner} {pos} pages, {elapsed}, {wide_msg}",
    )?);
    if args.url.is_empty() {
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    let (limits, servers, seeds, output) = match pages {
        Pages::List(list) => {
            fs::create_dir_all(folder)
                .with_context(|| format!("can't make the folder {}", folder.display()))?;
            let links = &args.links;
            let limits = Limits {
                depth: 0,
                pages: usize::MAX,
                per_server: links.per_host.map_or(usize::MAX, usize::from),
                delay: Duration::from_millis(links.delay.into()),
                ask_first: false,
            };
            let names = list
                .iter()
                .map(|page| (page.url.clone(), page.name.clone()))
                .collect();
            let seeds: Vec<_> = list.iter().map(|page| page.url.clone()).collect();
            (
                limits,
                Servers::All,
                seeds,
                Output::List(folder.to_owned(), names),
            )
        }
        Pages::From(urls) => {
            let links = &args.links;
            let limits = Limits {
                depth: links.depth,
                pages: links.max_pages as usize,
                per_server: match site {
                    Some(_) => usize::MAX,
                    None => links.per_host.map_or(8, usize::from),
                },
                delay: Duration::from_millis(links.delay.into()),
                ask_first: !links.ignore_robots,
            };
            let servers = urls
                .iter()
                .map(address::server)
                .chain(links.allow.iter().cloned());
            let store = Store::open(folder, args.resume)?;
            (
                limits,
                Servers::Only(servers.collect()),
                urls.clone(),
                Output::Site(store),
            )
        }
    };
    let rules = Rules {
        servers,
        robots: !args.links.ignore_robots && !matches!(pages, Pages::List(_)),
        bytes: args.max_bytes,
        retries: args.retries,
        pause: Duration::from_millis(500),
    };
    let mut settings: Settings = args.settings();
    // Whatever the environment says of proxies: what is here is asked directly.
    settings.stand_in = site.map(Site::address);
    let told: Arc<Mutex<Summary>> = Arc::default();
    let (noted, shown) = (Arc::clone(&told), bar.clone());
    let tell = Arc::new(move |entry: &Entry| {
        shown.inc(1);
        if !shown.is_hidden() {
            shown.set_message(entry.url.clone());
        }
        noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(entry);
    });
    let crawl = Crawl::new(Frontier::new(limits, seeds), output, rules, &settings, tell)?;
    Ok((
        Job {
            crawl: Arc::new(crawl),
            concurrency: args.concurrency.into(),
        },
        told,
        bar,
    ))
}

/// What became of it, and what else is to be said.
fn finish((job, told, bar): Told, pages: &Pages) -> Result<(Summary, String)> {
    bar.finish_and_clear();
    let progress = job.crawl.frontier.progress();
    let mut crawl = job.crawl;
    // Ctrl-C may be looking at it.
    let crawl = loop {
        match Arc::try_unwrap(crawl) {
            Ok(crawl) => break crawl,
            Err(shared) => crawl = shared,
        }
        std::thread::yield_now();
    };
    let complete = progress.waiting == 0 && !progress.is_stopped && !progress.is_full;
    if let (Output::Site(store), Pages::From(seeds)) = (crawl.output, pages) {
        store.close(seeds, complete)?;
    }
    let mut note = match progress.waiting {
        0 => String::new(),
        waiting => format!(
            "; stopped after {} pages, and {waiting} more are known",
            progress.begun
        ),
    };
    if progress.is_full {
        note += "; there were more URLs than there is room for";
    }
    let summary = std::mem::take(&mut *told.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((summary, note))
}

/// Ctrl-C: the first lets what is under way come to its end, or drops it after 5 s; the second drops it.
#[derive(Default)]
struct Interrupted {
    times: AtomicUsize,
    crawl: Mutex<Option<Weak<Crawl>>>,
}

impl Interrupted {
    fn stops(&self, crawl: &Arc<Crawl>) {
        *self.crawl.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::downgrade(crawl));
    }

    fn again(&self) {
        let times = self.times.fetch_add(1, SeqCst);
        if times == 0 {
            cli::complain(
                "stopping when what is under way is done, in 5 s at most; Ctrl-C again stops at once",
            );
        }
        let crawl = self.crawl.lock().unwrap_or_else(PoisonError::into_inner);
        let crawl = crawl.as_ref().and_then(Weak::upgrade);
        match (crawl, times) {
            (Some(crawl), 0) => crawl.stop(GRACE),
            (Some(crawl), 1) => crawl.stop(Duration::ZERO),
            _ => std::process::exit(1),
        }
    }
}

fn read(path: &Path) -> Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        let read = io::stdin().read_to_string(&mut text);
        return read.map(|_| text).context("can't read stdin");
    }
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}
