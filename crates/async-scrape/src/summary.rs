//! What became of a crawl, in a few lines.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Url;
use timing::{table, units};

use crate::crawl::address;
use crate::crawl::store::Entry;

/// Pages, bytes, and the time that the servers took for them.
#[derive(Default)]
struct Sum {
    pages: usize,
    bytes: u64,
    times: Vec<Duration>,
}

/// Two tables: by what the servers answered, and by server.
pub fn draw(entries: &[Entry]) -> String {
    let mut by_status: BTreeMap<String, Sum> = BTreeMap::new();
    let mut by_server: BTreeMap<String, Sum> = BTreeMap::new();
    for entry in entries {
        let answer = match (entry.status, &entry.error, &entry.skipped) {
            (None, _, Some(_)) => "not asked for".to_owned(),
            (None, ..) => "no answer".to_owned(),
            // It began well.
            (Some(status), Some(_), _) if status < 300 => format!("{status}, and broke off"),
            (Some(status), ..) => status.to_string(),
        };
        let server =
            Url::parse(&entry.url).map_or_else(|_| entry.url.clone(), |url| address::server(&url));
        for (sums, key) in [(&mut by_status, answer), (&mut by_server, server)] {
            let sum = sums.entry(key).or_default();
            sum.pages += 1;
            sum.bytes += entry.bytes;
            sum.times.push(Duration::from_millis(entry.ms));
        }
    }
    let rows = |sums: BTreeMap<String, Sum>| -> Vec<Vec<String>> {
        let cells = sums.into_iter().map(|(name, sum)| {
            let kib = sum.bytes.div_ceil(1024).to_string();
            vec![
                name,
                sum.pages.to_string(),
                kib,
                units::duration(units::median(&sum.times)),
            ]
        });
        cells.collect()
    };
    let by_status = table::draw(
        &["answer", "pages", "KiB", "median"],
        &["answer"],
        &rows(by_status),
    );
    let by_server = table::draw(
        &["server", "pages", "KiB", "median"],
        &["server"],
        &rows(by_server),
    );
    format!("{by_status}\n{by_server}")
}
