//! The lesson's own site with a tenth of its latencies, downloaded into a temporary folder; and the
//! search for links, alone.
//!
//!     cargo bench --bench async-scrape
//!
//! The concurrency limit is eight. `sequential` takes at least the sum of the latencies, the others
//! at least an eighth of it; what is above that is the cost of requests, files, and the runtime's
//! start.

use std::hint::black_box;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_scrape::client::Settings;
use async_scrape::crawl::address::{self, Servers};
use async_scrape::crawl::frontier::Limits;
use async_scrape::crawl::index::Entry;
use async_scrape::crawl::links;
use async_scrape::crawl::store::{Options, Store};
use async_scrape::crawl::{Crawl, Plan, Policy};
use async_scrape::site::{PATHS, Site};
use async_scrape::{Job, Strategy};
use clap::ValueEnum;
use criterion::{BatchSize, Criterion, Throughput};
use timing::{Timeline, cli};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        // With its default of 100 000, criterion's statistics take longer than what is measured.
        .nresamples(5_000)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let site = Site::faster((Ipv4Addr::LOCALHOST, 0).into(), 10).expect("a site");
    let folder = tempfile::tempdir().expect("a folder");
    let mut group = criterion.benchmark_group("async-scrape/site");
    group.throughput(Throughput::Elements(PATHS.len() as u64));
    for strategy in Strategy::value_variants() {
        group.bench_function(cli::name(strategy), |b| {
            b.iter_batched(
                || job(&site, folder.path()),
                |job| strategy.run(&job, &Timeline::off()).expect("downloaded"),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();

    let lines: String = (0..5000)
        .map(|n| format!("<p class=\"line\">Line {n}: <a href=\"page{n}.html\" title=\"a &amp; b\">a page</a></p>\n"))
        .collect();
    let mut group = criterion.benchmark_group("async-scrape/links");
    group.throughput(Throughput::Bytes(lines.len() as u64));
    group.bench_function("html", |b| b.iter(|| links::read_html(black_box(&lines))));
    group.finish();
    criterion.final_summary();
}

fn job(site: &Site, folder: &Path) -> Job {
    let url = address::parse(&site.url("/")).expect("a URL");
    let plan = Plan {
        limits: Limits {
            per_server: usize::MAX,
            ..Limits::default()
        },
        policy: Policy {
            retries: 0,
            ..Policy::of(Servers::Only(vec![address::server(&url).to_owned()]))
        },
        settings: Settings {
            own_site: Some(site.address()),
            ..Settings::default()
        },
        warc: None,
        seeds: vec![url],
    };
    let store = Store::open(folder, &Options::default()).expect("a folder");
    let observer = Arc::new(|entry: &Entry| assert_eq!(entry.error, None, "{}", entry.url));
    let crawl = Crawl::new(&plan, || Ok(Box::new(store)), observer);
    Job {
        crawl: Arc::new(crawl.expect("a client")),
        concurrency: 8,
    }
}
