//! A site in this process, with a tenth of the lesson's latencies, into files of a temporary
//! folder; and the search for links, alone.
//!
//!     cargo bench --bench async-scrape
//!
//! With eight pages under way. What is above the sum of the latencies for `sequential`, and above
//! an eighth of it for the others, is what asking, receiving, reading and writing cost, and the
//! start of the runtime.

use std::hint::black_box;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_scrape::client::Settings;
use async_scrape::crawl::address::{self, Servers};
use async_scrape::crawl::frontier::{Frontier, Limits};
use async_scrape::crawl::links;
use async_scrape::crawl::store::Store;
use async_scrape::crawl::{Crawl, Output, Rules};
use async_scrape::site::{PATHS, Site};
use async_scrape::{Job, Strategy, names};
use clap::ValueEnum;
use criterion::{BatchSize, Criterion, Throughput};
use timing::Timeline;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        // Criterion's default of 100 000 would take longer than the measurement itself.
        .nresamples(5_000)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let site = Site::hasty((Ipv4Addr::LOCALHOST, 0).into(), 10).expect("a site");
    let folder = tempfile::tempdir().expect("a folder");
    let mut group = criterion.benchmark_group("async-scrape/site");
    group.throughput(Throughput::Elements(PATHS.len() as u64));
    for strategy in Strategy::value_variants() {
        group.bench_function(strategy.name(), |b| {
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
    let url = names::parse(&site.url("/")).expect("a URL");
    let limits = Limits {
        depth: 5,
        pages: 1000,
        per_server: 1000,
        delay: Duration::ZERO,
        ask_first: true,
    };
    let rules = Rules {
        servers: Servers::Only(vec![address::server(&url)]),
        robots: true,
        bytes: 1 << 30,
        retries: 0,
        pause: Duration::ZERO,
    };
    let settings = Settings {
        stand_in: Some(site.address()),
        ..Settings::default()
    };
    let store = Store::open(folder, false).expect("a folder");
    let frontier = Frontier::new(limits, [url]);
    let tell = Arc::new(|entry: &async_scrape::crawl::index::Entry| {
        assert_eq!(entry.error, None, "{}", entry.url);
    });
    let crawl = Crawl::new(frontier, Output::Site(store), rules, &settings, tell);
    Job {
        crawl: Arc::new(crawl.expect("a client")),
        concurrency: 8,
    }
}
