//! The pages of a site in this process, with a tenth of the lesson's latencies, into files of a temporary folder.
//!
//!     cargo bench --bench async-scrape
//!
//! With eight pages under way. What is above the sum of the latencies for `sequential`, and above an eighth of it for the others, is what
//! asking, receiving and writing cost.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use async_scrape::client::Client;
use async_scrape::site::{PAGES, Site, latency};
use async_scrape::{Job, Strategy, names};
use clap::ValueEnum;
use criterion::{Criterion, Throughput};
use timing::Timeline;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let site = Site::start((Ipv4Addr::LOCALHOST, 0).into()).expect("a site");
    let urls: Vec<_> = (0..PAGES)
        .map(|page| {
            format!(
                "http://{}/page{page}?sleep={}",
                site.address(),
                latency(page) / 10
            )
        })
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let job = Job {
        pages: names::pages(urls.iter().map(String::as_str))
            .expect("URLs")
            .into(),
        folder: folder.path().to_owned(),
        client: Client::new(Duration::from_secs(60), Some(site.address())).expect("a client"),
        concurrency: 8,
        most: 1 << 30,
        stop: Arc::default(),
        tell: Arc::new(|page, result| {
            result.unwrap_or_else(|error| panic!("{}: {error:#}", page.url));
        }),
    };
    let mut group = criterion.benchmark_group("async-scrape/site");
    group.throughput(Throughput::Elements(PAGES as u64));
    for strategy in Strategy::value_variants() {
        group.bench_function(strategy.name(), |b| {
            b.iter(|| strategy.run(&job, &Timeline::off()).expect("downloaded"));
        });
    }
    group.finish();
    criterion.final_summary();
}
